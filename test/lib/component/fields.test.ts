import { inspect } from 'node:util'
import t from 'tap'
import type { Value } from '../../../lib/alloy/value.ts'
import { decodeAttribute } from '../../../lib/component/decode.ts'
import * as fields from '../../../lib/component/fields.ts'

const secretOf = (text: string): Value => ({ kind: 'secret', text, optional: false })
const object = (entries: Readonly<Record<string, Value>>): Value => new Map(Object.entries(entries))

/** A type, a value of the language, and what it decodes to; `undefined`: it is refused. */
const cases: [fields.FieldType<unknown, never>, Value, unknown][] = [
  [fields.text, 'a', 'a'],
  [fields.text, 5n, '5'],
  [fields.text, true, undefined],
  [fields.optionalText, 'a', 'a'],
  [fields.flag, true, true],
  [fields.flag, 'true', undefined],
  [fields.integer, 3n, 3],
  [fields.integer, 2.9, 2],
  [fields.integer, '7', 7],
  [fields.integer, 'x', undefined],
  [fields.unsigned, -1n, 18446744073709552000],
  [fields.float, 2n, 2],
  [fields.float, 0.5, 0.5],
  [fields.duration, '1m30s', 90_000],
  [fields.duration, '1ms500us', 1.5],
  [fields.duration, '3', undefined],
  [fields.duration, 3n, undefined],
  [fields.size, '1KiB', 1024],
  [fields.size, '10', undefined],
  [fields.secret, 'x', secretOf('x')],
  [fields.any, object({ a: 1n }), new Map([['a', 1n]])],
  [fields.list(fields.text), ['a', 5n, null], ['a', '5', '']],
  [fields.list(fields.text), 'a', undefined],
  [fields.list(fields.integer), ['x'], undefined],
  [
    fields.map(fields.text),
    object({ a: 'x', b: 5n, c: null }),
    new Map([
      ['a', 'x'],
      ['b', '5'],
      ['c', ''],
    ]),
  ],
  [fields.map(fields.text), ['a'], undefined],
  [fields.nullable(fields.list(fields.text)), [], []],
  [fields.capsule('R'), { kind: 'capsule', type: 'R', data: 7 }, 7],
  [fields.capsule('R'), { kind: 'capsule', type: 'S', data: 7 }, undefined],
  [fields.capsule('R'), 'x', undefined],
] as [fields.FieldType<unknown, never>, Value, unknown][]

void t.test('values of each type', (tap) => {
  for (const [type, value, expected] of cases) {
    const field = fields.required(type, 'Test.')
    const title = `${type.name} of ${inspect(value)}`
    if (expected === undefined) tap.throws(() => decodeAttribute(field, value), /expected .*found/, title)
    else tap.same(decodeAttribute(field, value), expected, title)
  }
  tap.end()
})

void t.test('null is the zero of every type, also of a required one', (tap) => {
  const zeros: [fields.FieldType<unknown, never>, unknown][] = [
    [fields.text, ''],
    [fields.optionalText, undefined],
    [fields.flag, false],
    [fields.duration, 0],
    [fields.size, 0],
    [fields.secret, secretOf('')],
    [fields.list(fields.text), []],
    [fields.map(fields.text), new Map()],
    [fields.nullable(fields.list(fields.text)), undefined],
    [fields.any, null],
  ] as [fields.FieldType<unknown, never>, unknown][]
  for (const [type, zero] of zeros)
    tap.same(decodeAttribute(fields.required(type, 'Test.'), null), zero, type.name)
  tap.end()
})

void t.test('names of types, as in the reference', (tap) => {
  tap.equal(fields.list(fields.map(fields.duration)).name, 'list(map(duration))')
  tap.equal(fields.nullable(fields.list(fields.text)).name, 'list(string)')
  tap.equal(fields.capsule('loki.LogsReceiver').name, 'capsule(loki.LogsReceiver)')
  tap.end()
})

void t.test('declarations', (tap) => {
  tap.match(fields.required(fields.text, 'Doc.', ['a']), {
    required: true,
    default: '',
    allowed: ['a'],
    doc: 'Doc.',
  })
  tap.match(fields.optional(fields.duration, 5000, 'Doc.'), { required: false, default: 5000 })
  tap.match(fields.block({}, 'Doc.'), { kind: 'block', absent: 'undefined', required: false })
  tap.match(fields.blockWithDefaults({}, 'Doc.'), { kind: 'block', absent: 'defaults' })
  tap.match(fields.blocks({}, 'Doc.', { required: true }), {
    kind: 'blocks',
    required: true,
    labelled: false,
  })
  tap.match(fields.variants({ a: {} }, 'Doc.'), { kind: 'variants', variants: { a: {} } })
  tap.match(fields.stages('Doc.'), { kind: 'stages', doc: 'Doc.' })
  tap.end()
})
