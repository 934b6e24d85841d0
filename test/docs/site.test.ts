/** `npm run docs:site`: every page is there, its links and anchors lead somewhere, and nothing comes from elsewhere. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'

const site = mkdtempSync(join(tmpdir(), 'logstream-site-'))
t.teardown(() => rmSync(site, { recursive: true }))
const built = spawnSync(process.execPath, ['build/site.js', site], { encoding: 'utf8' })
const files = built.status === 0 ? readdirSync(site, { recursive: true, encoding: 'utf8' }) : []
const pages = new Map(
  files
    .filter((name) => name.endsWith('.html'))
    .map((name) => [join(site, name), readFileSync(join(site, name), 'utf8')]),
)

void t.test('it is built', (tap) => {
  tap.equal(built.status, 0, built.stderr)
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  )
  tap.same(
    docs.filter((name) => !files.includes(name.replace(/\.md$/, '.html'))),
    [],
  )
  tap.end()
})

void t.test('links and anchors', (tap) => {
  const dead: string[] = []
  for (const [path, html] of pages)
    for (const [, address = ''] of html.matchAll(/ (?:href|src)="([^"]*)"/g)) {
      if (/^[a-z]+:/.test(address)) continue
      const [target = '', anchor] = decodeURI(address).split('#')
      const file = target === '' ? path : join(dirname(path), target)
      const found =
        existsSync(file) && (anchor === undefined || pages.get(file)?.includes(` id="${anchor}"`) !== false)
      if (!found) dead.push(`${path.slice(site.length)} -> ${address}`)
    }
  tap.same(dead, [])
  tap.end()
})

void t.test('nothing comes from another machine', (tap) => {
  for (const [path, html] of pages) {
    const loaded = html.match(/<(?:script|img|link)\b[^>]*>/g) ?? []
    tap.same(
      loaded.filter((tag) => /(?:src|href)="(?!data:)[a-z]+:/.test(tag)),
      [],
      path.slice(site.length),
    )
  }
  tap.notMatch(readFileSync(join(site, 'style.css'), 'utf8'), /@import|url\(/)
  tap.end()
})

void t.test('the search knows components and headings', (tap) => {
  const text = readFileSync(join(site, 'search-index.js'), 'utf8').replace('window.searchIndex = ', '')
  const { parts, words } = JSON.parse(text) as {
    parts: readonly (readonly [title: string, heading: string, place: string])[]
    words: Readonly<Record<string, readonly number[]>>
  }
  const places = (word: string): string[] => (words[word] ?? []).map((part) => parts[part]![2])
  tap.ok(places('loki.write').includes('reference/loki.write.html'))
  tap.ok(places('explodes').includes('check.html'))
  tap.end()
})

void t.test('code is in colour, and text of pages stays text', (tap) => {
  tap.match(pages.get(join(site, 'docker-logs.html')), '<span class="hljs-title">discovery.docker</span>')
  for (const [path, html] of pages) if (html.includes('&amp;lt;')) tap.fail(`escaped twice: ${path}`)
  tap.match(pages.get(join(site, 'kafka.html')), '<table>')
  tap.end()
})
