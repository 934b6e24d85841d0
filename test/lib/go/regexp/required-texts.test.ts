/** Texts that every match holds: what is found without them would be lost. */
import t from 'tap'
import fc from 'fast-check'
import { compile } from '../../../../lib/go/regexp/regexp.ts'
import { requiredTexts } from '../../../../lib/go/regexp/required-texts.ts'

void t.test('the texts of patterns', (t) => {
  const cases = [
    ['error', [['error']]],
    ['user (?P<id>[0-9]+) is gone', [['user '], [' is gone']]],
    ['timeout|refused by', [['timeout', 'refused by']]],
    ['(?:fatal|panic)+: long text', [['fatal', 'panic'], [': long text']]],
    ['a?bcd|wxyz', []],
    ['(?:word)*', []],
    ['^start.*end', [['start']]],
    ['ошибка', [['ошибка']]],
    ['[ab', []],
    ['', []],
  ] as const
  for (const [pattern, groups] of cases) t.strictSame(requiredTexts(pattern), groups, pattern)
  const [first, ...others] = requiredTexts('(?i)time-?out')
  t.strictSame(others, [], 'three letters are too few')
  t.equal(first!.length, 16)
  t.ok(first!.includes('tImE'))
  // K is also the sign of kelvin, which has three bytes.
  t.strictSame(requiredTexts('(?i)kin'), [])
  t.end()
})

const leaf = fc.oneof(
  fc.constantFrom('a', 'b', 'k', 'S', 'é', '[ab]', '[^a]', '.', ' ', '0'),
  fc.constantFrom('abcd', 'kaSé', 'b0aa'),
)
const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}'))
      .map(([a, operator]) => `(?:${a})${operator}`),
    tie('pattern').map((each) => `(?i:${each})`),
  ),
}))

void t.test('a text that matches holds one of each group', (t) => {
  const text = fc.array(
    fc.constantFrom('a', 'b', 'A', 'k', 'K', '\u212a', 's', 'S', 'é', 'É', ' ', '0', 'c', 'd'),
    {
      maxLength: 12,
    },
  )
  fc.assert(
    fc.property(pattern, text, (pattern, letters) => {
      const line = letters.join('')
      if (!compile(pattern).test(line)) return
      const missing = requiredTexts(pattern).filter((any) => !any.some((each) => line.includes(each)))
      if (missing.length > 0) t.fail(`${pattern} in ${line}`)
    }),
    { numRuns: 500 },
  )
  t.end()
})
