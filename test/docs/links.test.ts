/** Links in the pages lead somewhere, anchors too, and every page can be reached from docs/index.md. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

const roots = readdirSync('.').filter((name) => name.endsWith('.md'))
const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => join('docs', name))

/** Relative targets of a page's links, as paths from the root. */
function linksOf(page: string): string[] {
  const text = readFileSync(page, 'utf8').replaceAll(/^```[^]*?^```/gm, '')
  return [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(page), target))
}

void t.test('no link is dead', (tap) => {
  const dead = [...roots, ...docs].flatMap((page) =>
    linksOf(page)
      .filter((target) => !existsSync(target))
      .map((target) => `${page} -> ${target}`),
  )
  tap.same(dead, [])
  tap.end()
})

/** The anchors of a page, as GitHub makes them of headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const text = readFileSync(page, 'utf8').replaceAll(/^```[^]*?^```/gm, '')
  const anchors = new Set<string>()
  for (const [, heading] of text.matchAll(/^#+ (.*)$/gm)) {
    const plain = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]|\\(?=[_*])/g, '')
    const base = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-')
    let anchor = base
    for (let i = 1; anchors.has(anchor); i++) anchor = `${base}-${i}`
    anchors.add(anchor)
  }
  return anchors
}

void t.test('anchors are there', (tap) => {
  let checked = 0
  for (const page of [...roots, ...docs]) {
    const text = readFileSync(page, 'utf8').replaceAll(/^```[^]*?^```/gm, '')
    for (const [, target, anchor] of text.matchAll(/\]\(([^)\s#:]*)#([^)\s]+)\)/g)) {
      const to = target === '' ? page : join(dirname(page), target!)
      if (!to.endsWith('.md') || !existsSync(to)) continue
      checked++
      if (!anchorsOf(to).has(anchor!)) tap.fail(`${page} -> ${to}#${anchor}`)
    }
  }
  tap.ok(checked > 20, `${checked} anchors`)
  tap.end()
})

void t.test('every page is reached from docs/index.md', (tap) => {
  const seen = new Set<string>()
  const visit = (page: string): void => {
    if (seen.has(page) || !docs.includes(page)) return
    seen.add(page)
    for (const target of linksOf(page)) visit(target)
  }
  visit('docs/index.md')
  tap.same(
    docs.filter((page) => !seen.has(page)),
    [],
  )
  tap.end()
})
