/** Programs over many rows in WebAssembly: they find what `exec` finds row by row. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import loadWabt from 'wabt'
import { WASM } from '../../../../lib/go/regexp/byte-rows-wasm.ts'
import { compile } from '../../../../lib/go/regexp/regexp.ts'

const PATTERNS = [
  '^(?P<date>\\S+)\\|(?P<a>\\S+)\\|(?P<b>\\d+)\\|(?P<c>[^|]+)\\|(?P<d>\\d+)$',
  '^(?P<a>\\S+) \\S+ \\[(?P<b>[^\\]]+)\\] "(?P<c>\\S+) (?P<d>[^"]*)" (?P<e>\\d+)',
  '^(?P<a>\\S+)" (?P<b>.*)$',
  '^(?P<all>(?P<a>\\d+) x(?P<b>[^ ]*))$',
  '^(?P<a>\\d{1,3}) (?P<b>[a-z]*)(?P<c>\\d+)',
  '^(?P<a>[a-z]*)(?P<b>)',
  '^abc',
]

const field = fc.oneof(
  fc.constantFrom('a', '1', '22', ' ', '|', '"', '" ', '[', ']', ' x', 'é', '漢字', '😀', '\x00', '\x7f'),
  fc.stringMatching(/^[a-z]{0,40}$/),
  fc.stringMatching(/^\d{0,20}$/),
)
const likely = fc.constantFrom(
  '2026-01-01|00:00:00.000|37|Transfer completed successfully, which takes more than 32 bytes|200',
  '10.0.0.1 - [01/Jan 漢] "GET /a/long/path/that/takes/more/than/thirty/two/bytes HTTP/1.1" 200 5',
)
const line = fc.oneof(
  likely,
  fc.array(field, { maxLength: 9 }).map((parts) => parts.join('')),
  fc.array(field, { maxLength: 7 }).map((parts) => parts.join('|')),
)

void t.test('all rows at once match as they do one by one', (tap) => {
  const sample = fc.record({
    pattern: fc.constantFrom(...PATTERNS),
    lines: fc.array(line, { minLength: 1, maxLength: 20 }),
    skipped: fc.array(fc.boolean(), { maxLength: 20 }),
  })
  fc.assert(
    fc.property(sample, ({ pattern, lines, skipped }) => {
      const compiled = compile(pattern)
      const { program, rows: byRows } = compiled.namedOverBytes()!
      const bytes = Buffer.from(`before${lines.join('\n')}`)
      const ends: number[] = []
      const starts = lines.map((text, i) => {
        const start = i === 0 ? 6 : ends[i - 1]! + 1
        ends.push(start + Buffer.byteLength(text))
        return start
      })
      const rows = Int32Array.from([...lines.keys()].filter((row) => skipped[row] !== true))
      const width = 2 * compiled.names.length
      const text = {
        bytes,
        rows,
        count: rows.length,
        starts: Int32Array.from(starts),
        ends: Int32Array.from(ends),
      }
      const spans = new Int32Array(width * lines.length)
      const matched = byRows.run(text, spans, width)
      if (rows.length === 0) return matched === undefined
      const found = [...matched!]
      return found.every((flag, i) => {
        const row = rows[i]!
        const expected = new Int32Array(width)
        if (!program.exec(bytes, starts[row]!, ends[row]!, expected, 0)) return flag === 0
        return flag === 1 && expected.every((place, k) => place === spans[row * width + k])
      })
    }),
    { numRuns: 200 },
  )
  tap.end()
})

void t.test('too much at once is left to the caller', (tap) => {
  const { rows } = compile(PATTERNS[0]!).namedOverBytes()!
  const huge = Buffer.alloc(1024 * 1024, 'x')
  const one = Int32Array.of(0)
  const text = { bytes: huge, rows: one, count: 1, starts: one, ends: Int32Array.of(huge.length) }
  tap.equal(rows.run(text, new Int32Array(8), 8), undefined)
  const many = Int32Array.from({ length: 5000 }, (_, i) => i)
  const apart = { bytes: huge, rows: many, count: 5000, starts: many, ends: many }
  tap.equal(rows.run(apart, new Int32Array(8 * 5000), 8), undefined)
  tap.end()
})

// In a process of its own: it's compiled once in each.
const WRAPPED = `
import { compileRowsIn } from '${new URL('../../../../lib/go/regexp/byte-rows.js', import.meta.url).href}'
import { compile } from '${new URL('../../../../lib/go/regexp/regexp.js', import.meta.url).href}'
let compilations = 0
compileRowsIn((run) => {
  compilations++
  return run()
})
const { rows } = compile('^(?P<a>[a-z]+)$').namedOverBytes()
const [start, end] = [Int32Array.of(0), Int32Array.of(3)]
const text = { bytes: Buffer.from('abc'), rows: start, count: 1, starts: start, ends: end }
for (let i = 0; i < 2; i++) rows.run(text, new Int32Array(2), 2)
process.stdout.write(String(compilations))
`

void t.test('what wraps the compilation is called once', (tap) => {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', WRAPPED], { encoding: 'utf8' })
  tap.equal(stdout, '1')
  tap.end()
})

void t.test('what runs is what byte-rows.wat says', async (tap) => {
  const wabt = await loadWabt()
  const source = readFileSync('lib/go/regexp/byte-rows.wat', 'utf8')
  const { buffer } = wabt.parseWat('byte-rows.wat', source, { simd: true }).toBinary({})
  tap.equal(WASM, Buffer.from(buffer).toString('base64'), 'node build/wasm.js')
})
