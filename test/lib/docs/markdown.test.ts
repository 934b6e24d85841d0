import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readExamples } from '../../../lib/docs/examples.ts'
import { pagesOf } from '../../../lib/docs/markdown.ts'
import { references, type Reference } from '../../../lib/docs/reference.ts'

const FOLDER = 'docs/reference'

void t.test('the pages in docs/reference are up to date: if not, npm run docs', (tap) => {
  const pages = pagesOf(references(), readExamples(join(FOLDER, 'examples')))
  tap.same(readdirSync(FOLDER).sort(), [...pages.keys(), 'examples'].sort())
  for (const [name, text] of pages) tap.equal(readFileSync(join(FOLDER, name), 'utf8'), text, name)
  tap.end()
})

void t.test('links lead to pages and headings that are there', (tap) => {
  const pages = pagesOf(references())
  for (const [name, text] of pages)
    for (const [, file, anchor] of text.matchAll(/\]\(([^)#]+)(?:#([^)]+))?\)/g)) {
      const target = pages.get(file!)
      tap.ok(target, `${name}: ${file}`)
      if (anchor === undefined) continue
      const anchors = [...target!.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replace(/[^a-z0-9_ -]/g, '')
          .replaceAll(' ', '-'),
      )
      tap.ok(anchors.includes(anchor), `${name}: ${file}#${anchor}`)
    }
  tap.end()
})

void t.test('what would break a table or be taken for markup', (tap) => {
  const odd: Reference = {
    kind: 'component',
    name: 'a.b',
    summary: 'One | two <x> *y* __z__',
    stability: 'experimental',
    extension: true,
    labelled: false,
    exports: [{ name: 'out', doc: 'a | b' }],
    body: {
      attributes: [
        { name: 'x', type: 'string', required: true, default: undefined, allowed: ['|', 'y'], doc: 'a|b' },
        { name: 'y', type: 'string', required: false, default: '"`|"', allowed: [], doc: 'c' },
      ],
      blocks: [],
    },
  }
  const pages = pagesOf([odd])
  tap.match(
    pages.get('components.md'),
    '| [a.b](a.b.md) | One \\| two &lt;x> \\*y\\* \\_\\_z\\_\\_ | experimental, extension |',
  )
  const page = pages.get('a.b.md')!
  tap.match(page, 'Needs `--stability.level=experimental`. An extension: Alloy does not have it.')
  tap.match(page, '```alloy\na.b {\n\tx = ...\n}\n```')
  tap.match(page, '| `x` | `string` | *required* | a\\|b One of `"\\|", "y"`. |')
  tap.match(page, '| `y` | `string` | "`\\|" | c |')
  tap.match(page, '## Exports\n\n| name | what it is |\n| --- | --- |\n| `out` | a \\| b |')
  tap.end()
})
