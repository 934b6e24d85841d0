/** Every Alloy block of the pages parses. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { printDiagnostic } from '../../lib/alloy/diagnostic.ts'
import { parseFile } from '../../lib/alloy/parser.ts'

const pages = [
  ...['README.md', 'CONTRIBUTING.md'],
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

void t.test('configs in pages', (tap) => {
  let blocks = 0
  for (const page of pages)
    for (const [, text = ''] of readFileSync(page, 'utf8').matchAll(/^```alloy\n([^]*?)^```$/gm)) {
      // The reference shows arguments without values.
      if (text.includes('= ...')) continue
      blocks++
      const { diagnostics } = parseFile({ name: page, text })
      tap.same(
        diagnostics.map((each) => printDiagnostic(each)),
        [],
        page,
      )
    }
  tap.ok(blocks > 20, `${blocks} blocks`)
  tap.end()
})
