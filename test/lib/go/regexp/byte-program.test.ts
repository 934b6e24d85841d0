/** Patterns over bytes: what they find is what the pattern finds in the text, and which patterns can be run so. */
import fc from 'fast-check'
import t from 'tap'
import { compile } from '../../../../lib/go/regexp/regexp.ts'

const SEED =
  '^(?P<date>\\S+)\\|(?P<start>\\S+)\\|(?P<latency>\\d+)\\|(?P<detail>[^|]+)\\|(?P<status>\\S+)\\|(?P<code>\\d+)$'
const NGINX =
  '^(?P<ip>\\S+) - (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] "(?P<method>\\S+) (?P<path>\\S+) \\S+" (?P<status>\\d{3}) (?P<size>\\d+)'

/** What the program finds, as `captureNamed` gives it; `undefined`: it can't say. */
function overBytes(pattern: string, text: string): string[] | null | undefined {
  const compiled = compile(pattern)
  const found = compiled.namedOverBytes()!
  // In the midst of other bytes, as a line lies in a segment.
  const bytes = Buffer.from(`a|"1 ${text}9 "|`)
  const from = Buffer.byteLength('a|"1 ')
  const to = bytes.length - Buffer.byteLength('9 "|')
  const base = 4
  const spans = new Int32Array(base + 2 * compiled.names.length)
  if (!found.program.exec(bytes, from, to, spans, base))
    return found.mayMatch(bytes, from, to) ? undefined : null
  return compiled.names.map((_, i) => bytes.toString('utf8', spans[base + 2 * i], spans[base + 2 * i + 1]))
}

const EXACT = [
  NGINX,
  '^(?P<a>\\S+)" (?P<b>.*)$',
  '^(?P<all>(?P<a>\\d+) x(?P<b>[^ ]*))$',
  '^(?P<a>[a-z]*)1(?P<b>\\d+)',
  '^(?P<a>\\w+)11$',
  '^a(?P<a>[^|]+)\\|',
  '^(?P<a>\\d{1,2}) (?P<a>\\d{2})$',
  '^a{2}(?P<a>b+)',
]

void t.test('an exact program says what the pattern says', (tap) => {
  const alphabet = [
    'a',
    'b',
    'x',
    '1',
    '2',
    '11',
    ' ',
    '"',
    '|',
    'é',
    '漢',
    '😀',
    '[',
    ']',
    ' - ',
    '\\',
    '" ',
  ]
  const text = fc.array(fc.constantFrom(...alphabet), { maxLength: 14 }).map((parts) => parts.join(''))
  const likely = fc.constantFrom(
    '10.0.0.1 - - [01/Jan] "GET /x" HTTP/1.1" 200 5',
    '10.0.0.1 - joé [01/Jan 漢] "GET /" HTTP/1.1" 200 512 "-" "curl"',
    'aabb',
    '12 34',
    '12 x',
    'éa|',
  )
  for (const pattern of EXACT) {
    tap.equal(compile(pattern).namedOverBytes()?.mayMatch(Buffer.from('x'), 0, 1), false, pattern)
    fc.assert(
      fc.property(fc.oneof(text, likely), (line) => {
        const expected = compile(pattern).captureNamed(line)
        return JSON.stringify(overBytes(pattern, line)) === JSON.stringify(expected)
      }),
      { numRuns: 150 },
    )
  }
  tap.end()
})

void t.test('a strict program leaves unusual text to the pattern', (tap) => {
  tap.same(overBytes(SEED, 'd|s|5|all good|OK|200'), ['d', 's', '5', 'all good', 'OK', '200'])
  tap.equal(overBytes(SEED, 'd|s|5|all good|O|K|200'), undefined)
  tap.equal(overBytes(SEED, 'd|s|x|all good|OK|200'), null, 'no delimiter to spare')
  const field = fc.constantFrom('a', '1', '22', ' ', '|', 'é', '漢字')
  fc.assert(
    fc.property(fc.array(field, { minLength: 3, maxLength: 9 }), (fields) => {
      const line = fields.join('|')
      const found = overBytes(SEED, line)
      return found === undefined || JSON.stringify(found) === JSON.stringify(compile(SEED).captureNamed(line))
    }),
  )
  tap.end()
})

void t.test('patterns that could match in several ways have no program', (tap) => {
  for (const pattern of [
    '(?P<a>\\d+)', // may begin anywhere
    '^(?P<a>\\S+)(?P<b>\\S+)$',
    '^(?P<a>ab|b)c',
    '^(?P<a>\\d{1,3})', // takes three of five digits
    '^(?P<a>[^|])\\|', // one character, of one to four bytes
    '^(?P<a>[à-ý]+)',
    '^(?P<a>x+?)y',
    '^(?m)(?P<a>x+)$',
  ])
    tap.equal(compile(pattern).namedOverBytes(), undefined, pattern)
  tap.end()
})
