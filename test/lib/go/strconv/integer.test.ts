/** Integers as Go's strconv reads them. */
import fc from 'fast-check'
import t from 'tap'
import { clampInt64, parseInt64, parseInteger } from '../../../../lib/go/strconv/integer.ts'

const [MIN, MAX] = [-(1n << 63n), (1n << 63n) - 1n]

void t.test('ParseInt with base 0', (tap) => {
  const cases: [string, bigint | undefined][] = [
    ['0', 0n],
    ['-12', -12n],
    ['+7', 7n],
    ['0x1F', 31n],
    ['-0b101', -5n],
    ['0o17', 15n],
    ['017', 15n],
    ['1_000', 1000n],
    ['0x_1', 1n],
    ['18446744073709551616', 1n << 64n],
    ['', undefined],
    ['08', undefined],
    ['1__0', undefined],
    ['_1', undefined],
    ['1_', undefined],
    [' 1', undefined],
    ['1.0', undefined],
    ['0x', undefined],
    ['--1', undefined],
    ['9'.repeat(201), undefined],
    ['00'.repeat(201) + '7', 7n],
  ]
  for (const [text, value] of cases) tap.equal(parseInteger(text), value, text.slice(0, 30))
  fc.assert(fc.property(fc.bigInt({ min: MIN, max: MAX }), (value) => parseInteger(String(value)) === value))
  tap.end()
})

void t.test('digits in one base, and what is done with those that do not fit', (tap) => {
  tap.same([parseInt64('017'), parseInt64('017', 8), parseInt64('-7', 8)], [17n, 15n, -7n])
  tap.same([parseInt64('8', 8), parseInt64('0x1'), parseInt64('1_0')], [undefined, undefined, undefined])
  tap.equal(parseInt64(String(MAX + 1n)), undefined)
  const cases: [string, bigint][] = [
    ['12', 12n],
    ['x', 0n],
    ['', 0n],
    ['12x', 0n],
    [String(MAX + 1n), MAX],
    [String(MIN - 1n), MIN],
    ['99999999999999999999x', MAX],
  ]
  for (const [text, value] of cases) tap.equal(clampInt64(text), value, text)
  tap.end()
})
