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

const WORDS = ['abcd', 'kaSé', 'b0aa', 'word']
const leaf = fc.oneof(fc.constantFrom('a', 'k', 'é', '[ab]', '.', ' '), fc.constantFrom(...WORDS))
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
  const words = [...WORDS, ...WORDS.map((word) => word.toUpperCase())]
  const text = fc.array(fc.constantFrom('a', 'b', '\u212a', 'k', ' ', ...words), { maxLength: 6 })
  let searched = 0
  fc.assert(
    fc.property(pattern, text, (pattern, letters) => {
      const line = letters.join('')
      if (!compile(pattern).test(line)) return
      const groups = requiredTexts(pattern)
      if (groups.length > 0) searched++
      const missing = groups.filter((any) => !any.some((each) => line.includes(each)))
      if (missing.length > 0) t.fail(`${pattern} in ${line}`)
    }),
    { numRuns: 500 },
  )
  t.ok(searched > 0, 'some matched')
  t.end()
})
