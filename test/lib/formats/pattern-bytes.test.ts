/** Captures in the bytes of a line are those of the line as text. */
import t from 'tap'
import fc from 'fast-check'
import { PatternFields } from '../../../lib/formats/pattern-bytes.ts'
import { compilePattern } from '../../../lib/formats/pattern.ts'

const PATTERNS = ['<a>|<b>|<_>|<c>', 'x<a>', '<_> "<a> <b>" <c>ä', '[<a>]<b>||<c>|', '<a>aab<b>']

void t.test('the same captures as in text', (t) => {
  const line = fc
    .array(fc.constantFrom('|', 'x', ' ', '"', '[', ']', 'ä', 'a', 'b', '\u{1f600}', 'aab', '1'), {
      maxLength: 14,
    })
    .map((all) => all.join(''))
  fc.assert(
    fc.property(fc.constantFrom(...PATTERNS), line, fc.subarray(['a', 'b', 'c']), (pattern, text, wanted) => {
      const fields = new PatternFields(pattern, wanted)
      const bytes = Buffer.from(`|${text}|`)
      t.ok(fields.scan(bytes, 1, bytes.length - 1))
      const compiled = compilePattern(pattern)
      const values = compiled.captures(text) ?? []
      for (const [i, name] of wanted.entries()) {
        const [start, end] = [fields.starts[i]!, fields.ends[i]!]
        const expected = values[compiled.names.indexOf(name)]
        t.equal(start < 0 ? undefined : bytes.toString('utf8', start, end), expected, `${pattern} ${text}`)
      }
    }),
    { numRuns: 200 },
  )
  t.end()
})
