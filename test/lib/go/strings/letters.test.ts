/** Case as Go maps it: letter by letter, where JavaScript maps words and languages. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import {
  isLetter,
  isLower,
  isUpper,
  lowerOf,
  titleOf,
  toLower,
  toUpper,
  upperOf,
} from '../../../../lib/go/strings/letters.ts'

const { letters } = JSON.parse(readFileSync('fixtures/go/strings/letters.json', 'utf8')) as {
  letters: [char: string, upper: string, lower: string, title: string][]
}

void t.test('letters are mapped as the recorded Go program maps them', (tap) => {
  for (const [char, upper, lower, title] of letters)
    tap.same([upperOf(char), lowerOf(char), titleOf(char)], [upper, lower, title], char)
  tap.end()
})

void t.test('where Go and JavaScript differ', (tap) => {
  const cases: [string, string, string, string][] = [
    ['a', 'A', 'a', 'A'],
    ['ß', 'ß', 'ß', 'ß'],
    ['\ufb01', '\ufb01', '\ufb01', '\ufb01'],
    ['\u0130', '\u0130', 'i', '\u0130'],
    ['\u03a3', '\u03a3', '\u03c3', '\u03a3'],
    ['\u1f80', '\u1f88', '\u1f80', '\u1f88'],
    ['\u1fb3', '\u1fbc', '\u1fb3', '\u1fbc'],
    ['\u01c6', '\u01c4', '\u01c6', '\u01c5'],
    ['\u10d0', '\u1c90', '\u10d0', '\u10d0'],
    ['\u{10428}', '\u{10400}', '\u{10428}', '\u{10400}'],
  ]
  for (const [char, upper, lower, title] of cases)
    tap.same([upperOf(char), lowerOf(char), titleOf(char)], [upper, lower, title], char)
  tap.equal(toLower('\u039f\u03a3'), '\u03bf\u03c3', 'no other sigma at the end of a word')
  tap.equal(toUpper('straße\ufb01'), 'STRAßE\ufb01')
  tap.equal(toUpper('a\ud800'), 'A\ufffd', 'anything but a character becomes U+FFFD')
  tap.end()
})

void t.test('a text is mapped as its letters are', (tap) => {
  const text = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(text, (value) => {
      const chars = [...value]
      return (
        toUpper(value) === chars.map(upperOf).join('') &&
        toLower(value) === chars.map(lowerOf).join('') &&
        chars.every((char) => !(isUpper(char) && isLower(char)) && (!isUpper(char) || isLetter(char)))
      )
    }),
  )
  tap.same(
    ['A', 'a', '1', 'ª', 'ä'].map((char) => [isUpper(char), isLower(char), isLetter(char)]),
    [
      [true, false, true],
      [false, true, true],
      [false, false, false],
      [false, false, true],
      [false, true, true],
    ],
  )
  tap.end()
})
