/**
 * `npm run docs:site`: the docs as a static site in site/ (or in the folder given), from the same files that GitHub shows. It
 * needs no server and no other machine: open site/index.html.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { renderCode, renderMarkdown } from './site/markdown.js'
import { searchIndex } from './site/search-index.js'
import { pageHtml } from './site/template.js'

const OUT = process.argv[2] ?? 'site'
const HOME = 'docs/index.md'

/** A folder with more files is data; they are named, but not shown. */
const MOST_LINKED = 30

/** Where a file of the repository is in the site. */
function placeOf(path) {
  if (path === HOME) return 'index.html'
  if (!path.endsWith('.md')) return /\.(png|svg)$/.test(path) ? inDocs(path) : `source/${path}.html`
  return inDocs(path).replace(/\.md$/, '.html').toLowerCase()
}

const inDocs = (path) => (path.startsWith('docs/') ? path.slice('docs/'.length) : path)

const roots = readdirSync('.').filter((name) => name.endsWith('.md'))
const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => posix.join('docs', name.replaceAll('\\', '/')))

rmSync(OUT, { recursive: true, force: true })

const pages = new Map()
const waiting = [HOME, ...docs.filter((path) => path !== HOME), ...roots]
for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
  if (pages.has(path)) continue
  const place = placeOf(path)
  if (/\.(png|svg)$/.test(path)) {
    pages.set(path, undefined)
    mkdirSync(dirname(join(OUT, place)), { recursive: true })
    cpSync(path, join(OUT, place))
    continue
  }
  /** Rewrites a link of the page, and sees to it that what it leads to is there. */
  const link = (href) => {
    if (/^[a-z]+:|^#/.test(href)) return href
    const [target, anchor] = href.split('#')
    const file = posix.join(posix.dirname(path), target).replace(/\/$/, '')
    waiting.push(file)
    return `${posix.relative(posix.dirname(place), placeOf(file))}${anchor === undefined ? '' : `#${anchor}`}`
  }
  pages.set(
    path,
    path.endsWith('.md') ? renderMarkdown(readFileSync(path, 'utf8'), link) : source(path, link),
  )
}

/** A file, or a folder, that pages link to. */
function source(path, link) {
  if (!statSync(path).isDirectory()) return { title: path, ...renderCode(path, readFileSync(path, 'utf8')) }
  const names = readdirSync(path).toSorted()
  const list = names.map((name) =>
    names.length > MOST_LINKED ? `- ${name}` : `- [${name}](${posix.basename(path)}/${encodeURI(name)})`,
  )
  return renderMarkdown(`# ${path}\n\n${list.join('\n')}\n`, link)
}

const home = pages.get(HOME)
for (const [path, page] of pages) {
  if (page === undefined) continue
  const place = placeOf(path)
  const file = join(OUT, place)
  mkdirSync(dirname(file), { recursive: true })
  const up = relative(dirname(place), '.').replaceAll('\\', '/')
  writeFileSync(file, pageHtml({ page, place, root: up === '' ? '' : `${up}/`, nav: home.nav }))
}
const texts = [...pages].filter(([path, page]) => page !== undefined && path.endsWith('.md'))
const index = searchIndex(texts.map(([path, page]) => ({ ...page, place: placeOf(path) })))
writeFileSync(join(OUT, 'search-index.js'), `window.searchIndex = ${JSON.stringify(index)}\n`)
for (const name of ['style.css', 'search.js'])
  cpSync(join(import.meta.dirname, 'site', name), join(OUT, name))
process.stdout.write(`${OUT}/index.html: ${pages.size} pages and pictures\n`)
