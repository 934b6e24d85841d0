/** Integers as Go's strconv reads them, and sprig's casts. */
import fc from 'fast-check'
import t from 'tap'
import {
  asInt64,
  clampDigits,
  parseDigits,
  parseInteger,
  toFloat64,
  toInt64,
  truncate,
} from '../../../../lib/go/template/number.ts'
import { goInt, int64, list, type Value } from '../../../../lib/go/template/value.ts'

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
  ]
  for (const [text, value] of cases) tap.equal(parseInteger(text), value, text.slice(0, 30))
  fc.assert(fc.property(fc.bigInt({ min: MIN, max: MAX }), (value) => parseInteger(String(value)) === value))
  tap.end()
})

void t.test('digits in one base, and what is done with those that do not fit', (tap) => {
  tap.same([parseDigits('017', 10), parseDigits('017', 8), parseDigits('-7', 8)], [17n, 15n, -7n])
  tap.same(
    [parseDigits('8', 8), parseDigits('0x1', 10), parseDigits('1_0', 10)],
    [undefined, undefined, undefined],
  )
  tap.equal(parseDigits(String(MAX + 1n), 10), undefined)
  const cases: [string, bigint][] = [
    ['12', 12n],
    ['x', 0n],
    ['', 0n],
    ['12x', 0n],
    [String(MAX + 1n), MAX],
    [String(MIN - 1n), MIN],
    ['99999999999999999999x', MAX],
  ]
  for (const [text, value] of cases) tap.equal(clampDigits(text), value, text)
  tap.same(
    [asInt64(MAX), asInt64(MAX + 1n), asInt64(MIN), asInt64(undefined)],
    [MAX, undefined, MIN, undefined],
  )
  tap.end()
})

void t.test('casts', (tap) => {
  const cases: [Value, bigint, number][] = [
    [5n, 5n, 5],
    [2.9, 2n, 2.9],
    [-2.9, -2n, -2.9],
    [true, 1n, 1],
    ['42', 42n, 42],
    ['2.9', 2n, 2.9],
    ['.5', 0n, 0.5],
    ['-.5', 0n, -0.5],
    ['1e3', 0n, 1000],
    ['x', 0n, 0],
    [null, 0n, 0],
    [undefined, 0n, 0],
    [list([]), 0n, 0],
    [int64(7n), 7n, 7],
    [goInt('int64', 7n, 'time.Duration'), 0n, 7],
  ]
  for (const [value, integer, float] of cases)
    tap.same(
      [toInt64(value), toFloat64(value)],
      [integer, float],
      typeof value === 'object' ? '' : String(value),
    )
  tap.same([truncate(Number.NaN), truncate(1e300), truncate(-1e300), truncate(-1.5)], [MIN, MIN, MIN, -1n])
  tap.end()
})
