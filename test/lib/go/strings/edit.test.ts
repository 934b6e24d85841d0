/** Go's strings package. */
import fc from 'fast-check'
import t from 'tap'
import {
  replace,
  splitN,
  trim,
  trimLeft,
  trimPrefix,
  trimRight,
  trimSuffix,
} from '../../../../lib/go/strings/edit.ts'

void t.test('replacing', (tap) => {
  const cases: [string, string, string, number, string][] = [
    ['aXbXc', 'X', '-', -1, 'a-b-c'],
    ['aXbXc', 'X', '-', 1, 'a-bXc'],
    ['aXbXc', 'X', '-', 9, 'a-b-c'],
    ['aXbXc', 'X', '-', 0, 'aXbXc'],
    ['a', 'X', '-', -1, 'a'],
    ['aä', '', '-', -1, '-a-ä-'],
    ['aä', '', '-', 2, '-a-ä'],
    ['', '', '-', -1, '-'],
    ['aaa', 'aa', '$&', -1, '$&a'],
  ]
  for (const [text, old, by, count, expected] of cases)
    tap.equal(replace(text, old, by, count), expected, `${text} ${old} ${count}`)
  const lengths: number[] = []
  replace('xax', 'x', 'yyy', -1, (length) => lengths.push(length))
  replace('aä', '', '-', 2, (length) => lengths.push(length))
  tap.same(lengths, [7, 4], 'the length of the result, or a bound on it, is checked first')
  tap.end()
})

void t.test('splitting', (tap) => {
  const cases: [string, string, number, string[]][] = [
    ['a,b,c', ',', -1, ['a', 'b', 'c']],
    ['a,b,c', ',', 2, ['a', 'b,c']],
    ['a,b,c', ',', 0, []],
    ['', ',', -1, ['']],
    ['ä\u{1F600}b', '', -1, ['ä', '\u{1F600}', 'b']],
    ['äbc', '', 2, ['ä', 'bc']],
  ]
  for (const [text, separator, count, pieces] of cases)
    tap.same(splitN(text, separator, count), pieces, `${text} ${count}`)
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', ',') }),
      fc.integer({ min: 1, max: 5 }),
      (text, count) => {
        const pieces = splitN(text, ',', count)
        return pieces.length <= count && pieces.join(',') === text
      },
    ),
  )
  tap.end()
})

void t.test('trimming', (tap) => {
  tap.equal(trimLeft('\u{1F600}aäb', 'ä\u{1F600}a'), 'b')
  tap.equal(trimRight('baä\u{1F600}', 'ä\u{1F600}a'), 'b')
  tap.equal(trimRight('b\u{1F600}', '\ude00'), 'b\u{1F600}', 'characters are not cut in halves')
  tap.equal(trim('--a--', '-'), 'a')
  tap.equal(trim('---', '-'), '')
  tap.same([trimPrefix('aab', 'a'), trimPrefix('ab', 'b')], ['ab', 'ab'])
  tap.same([trimSuffix('abb', 'b'), trimSuffix('ab', ''), trimSuffix('ab', 'a')], ['ab', 'ab', 'ab'])
  tap.end()
})
