/** Links in the pages lead somewhere, and every page can be reached from docs/index.md. */
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
