/** One value under one verb; the widths and bounds that the recorded table of templates leaves out. */
import t from 'tap'
import {
  formatInteger,
  formatNumber,
  formatText,
  noFlags,
  pad,
  type Flags,
} from '../../../../lib/go/template/verbs.ts'

const flags = (own: Partial<Flags> = {}): Flags => ({ ...noFlags(), ...own })

void t.test('texts', (tap) => {
  const cases: [string, string, Partial<Flags>, string | undefined][] = [
    ['ä', 's', { width: 3 }, '  ä'],
    ['ä', 's', { width: 3, minus: true }, 'ä  '],
    ['äöü', 's', { precision: 2 }, 'äö'],
    ['\u{1F600}b', 's', { precision: 1 }, '\u{1F600}'],
    ['a"b', 'q', {}, '"a\\"b"'],
    ['a"b', 'q', { sharp: true }, '`a"b`'],
    ['a`b', 'q', { sharp: true }, '"a`b"'],
    ['aä', 'x', {}, '61c3a4'],
    ['aä', 'X', { space: true, sharp: true }, '0X61 0XC3 0XA4'],
    ['ab', 'x', { precision: 1 }, '61'],
    ['a', 'v', { goSyntax: true }, '"a"'],
    ['a', 'd', {}, undefined],
  ]
  for (const [text, verb, own, expected] of cases)
    tap.equal(formatText(text, verb, flags(own)), expected, `${text} %${verb} ${JSON.stringify(own)}`)
  tap.throws(() => pad('a', flags({ width: 1e9 })), { message: /text of more than/ })
  tap.end()
})

void t.test('integers', (tap) => {
  const cases: [bigint, string, Partial<Flags>, string | undefined][] = [
    [-5n, 'd', {}, '-5'],
    [5n, 'd', { plus: true }, '+5'],
    [5n, 'd', { space: true }, ' 5'],
    [-5n, 'd', { width: 4, zero: true }, '-005'],
    [5n, 'd', { width: 4, minus: true, zero: true }, '5   '],
    [5n, 'd', { precision: 3, width: 5 }, '  005'],
    [255n, 'x', { sharp: true }, '0xff'],
    [255n, 'X', {}, 'FF'],
    [5n, 'b', {}, '101'],
    [8n, 'o', { sharp: true }, '010'],
    [8n, 'O', {}, '0o10'],
    [97n, 'c', {}, 'a'],
    [97n, 'q', {}, "'a'"],
    [0x1f600n, 'U', { sharp: true }, "U+1F600 '\u{1F600}'"],
    [5n, 's', {}, undefined],
  ]
  for (const [value, verb, own, expected] of cases)
    tap.equal(formatInteger(value, verb, flags(own)), expected, `${value} %${verb} ${JSON.stringify(own)}`)
  tap.end()
})

void t.test('floats', (tap) => {
  const cases: [number, string, Partial<Flags>, string | undefined][] = [
    [2.5, 'v', {}, '2.5'],
    [1e21, 'v', {}, '1e+21'],
    [2.5, 'f', {}, '2.500000'],
    [2.55, 'f', { precision: 1 }, '2.5'],
    [2.5, 'f', { precision: 0, width: 3 }, '  2'],
    [-2.5, 'f', { precision: 1, width: 6, zero: true }, '-002.5'],
    [1234.5, 'e', { precision: 2 }, '1.23e+03'],
    [Infinity, 'v', { plus: true }, '+Inf'],
    [Number.NaN, 'f', { width: 5, zero: true }, '  NaN'],
    [2.5, 'd', {}, undefined],
  ]
  for (const [value, verb, own, expected] of cases)
    tap.equal(formatNumber(value, verb, flags(own)), expected, `${value} %${verb} ${JSON.stringify(own)}`)
  tap.end()
})
