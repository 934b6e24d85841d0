import t from 'tap'
import { bytesValue } from '../../../lib/alloy/bytes-value.ts'
import {
  NestedValueError,
  toBool,
  toDuration,
  toFloat,
  toInt,
  toList,
  toMap,
  toOptionalSecret,
  toSecret,
  toSize,
  toStringValue,
} from '../../../lib/alloy/convert.ts'
import { ValueError, type Value } from '../../../lib/alloy/value.ts'

const secret: Value = { kind: 'secret', text: 's', optional: false }
const optional: Value = { kind: 'secret', text: '7', optional: true }
const u64 = { unsigned: true }

void t.test('what fits', async (t) => {
  const cases: [found: unknown, wanted: unknown][] = [
    [toStringValue('a'), 'a'],
    [toStringValue(null), ''],
    [toStringValue(5n), '5'],
    [toStringValue(1e21), '1000000000000000000000'],
    [toStringValue(1.5), '1.5'],
    [toStringValue(optional), '7'],
    [toStringValue(bytesValue(Buffer.from('hällo'))), 'hällo'],
    [toInt(2.9), 2],
    [toInt(-2.9), -2],
    [toInt('12'), 12],
    [toInt('-12'), -12],
    [toInt('1.9e1'), 19],
    [toInt('0x1.8p1'), 3],
    [toInt(null), 0],
    [toInt(optional), 7],
    [toInt(-1n, u64), 2 ** 64],
    [toInt('-1', u64), 2 ** 64],
    [toInt(300n, { unsigned: true, bits: 8 }), 44],
    [toInt(200n, { bits: 8 }), -56],
    [toFloat('1e3'), 1000],
    [toFloat(2n ** 64n - 1n), 2 ** 64],
    [toBool(true), true],
    [toBool(null), false],
    [toDuration('1m30s'), 90e9],
    [toDuration(null), 0],
    [toDuration(0n), 0],
    [toSize('1KB'), 1024],
    [toSize('1.5KiB'), 1536],
    [toSize(null), 0],
    [toList(['a', 5n], toStringValue), ['a', '5']],
    [toList(null, toStringValue), []],
    [toMap(new Map<string, Value>([['a', 5n]]), toStringValue), new Map([['a', '5']])],
    [toMap(null, toStringValue), new Map()],
    [toSecret('a'), { kind: 'secret', text: 'a', optional: false }],
    [toSecret(optional), { kind: 'secret', text: '7', optional: false }],
    [toSecret(null), { kind: 'secret', text: '', optional: false }],
    [toOptionalSecret('a'), { kind: 'secret', text: 'a', optional: true }],
    [toOptionalSecret(secret), secret],
  ]
  cases.forEach(([found, wanted], at) => t.strictSame(found, wanted, `case ${at}`))
})

void t.test('what does not fit', async (t) => {
  const cases: [() => unknown, RegExp][] = [
    [() => toStringValue(true), /expected string, found bool/],
    [() => toStringValue(secret), /expected string, found a secret; convert.nonsensitive/],
    [() => toStringValue([104n]), /expected string, found array/],
    [() => toInt('a'), /expected number, found the string "a"/],
    [() => toInt(''), /expected number/],
    [() => toInt('-1.5'), /expected number/],
    [() => toInt('+1'), /expected number/],
    [() => toInt('0x10'), /expected number/],
    [() => toInt('18446744073709551616'), /expected number/],
    [() => toInt(true), /expected number, found bool/],
    [() => toFloat('1e999'), /expected number/],
    [() => toFloat([]), /expected number, found array/],
    [() => toBool('true'), /expected bool, found string/],
    [() => toBool(1n), /expected bool, found number/],
    [() => toDuration('3'), /expected a duration such as "5s" or "1h30m", found "3"/],
    [() => toDuration(3n), /expected a duration/],
    [() => toDuration('1 minute'), /expected a duration/],
    [() => toSize(10n), /expected a size such as "512KiB" or "1MiB", found "10"/],
    [() => toSize('1kb'), /expected a size/],
    [() => toList('a', toStringValue), /expected array, found string/],
    [() => toMap([], toStringValue), /expected object, found array/],
    [() => toSecret(5n), /expected secret or string, found number/],
  ]
  for (const [convert, message] of cases) t.throws(convert, { message, constructor: ValueError })
})

void t.test('an error of a part has the path to it', async (t) => {
  const value = new Map<string, Value>([['a', ['x', [true]]]])
  const strings = (list: Value): unknown => toList(list, (inner) => toList(inner, toStringValue))
  t.throws(() => toMap(new Map<string, Value>([['a', [['x'], ['y', true]]]]), strings), {
    constructor: NestedValueError,
    message: 'expected string, found bool',
    path: ['a', 1, 1],
  })
  t.throws(() => toMap(value, strings), { path: ['a', 0], message: 'expected array, found string' })
})
