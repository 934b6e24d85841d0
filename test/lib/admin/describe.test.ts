import t from 'tap'
import { describeExports, describeOptions } from '../../../lib/admin/describe.ts'
import type { Value } from '../../../lib/alloy/value.ts'
import { defaultsOf } from '../../../lib/component/decode.ts'
import {
  block,
  blocks,
  capsule,
  duration,
  list,
  map,
  nullable,
  optional,
  required,
  secret,
  size,
  stages,
  text,
  variants,
} from '../../../lib/component/fields.ts'

const fields = {
  name: required(text, ''),
  wait: optional(duration, 0, ''),
  room: optional(size, 0, ''),
  password: optional(text, '', ''),
  key: optional(secret, secret.zero, ''),
  headers: optional(map(text), new Map(), ''),
  words: optional(nullable(list(text)), undefined, ''),
  forward_to: optional(list(capsule('loki.LogsReceiver')), [], ''),
  tls: block({ min: optional(text, '', '') }, ''),
  rule: blocks({ target: optional(text, '', '') }, '', { labelled: true }),
  metric: variants({ counter: { inc: optional(text, '', '') } }, ''),
  stage: stages(''),
}

void t.test('options as attributes and blocks with typed values', (tap) => {
  const described = describeOptions(fields, {
    ...defaultsOf(fields),
    name: 'n',
    wait: 90_000,
    room: 1536,
    password: 'planted',
    key: { kind: 'secret', text: 'planted', optional: false },
    headers: new Map([['X', 'planted']]),
    forward_to: [{ id: 'loki.write.a', send: () => undefined }],
    rule: [{ label: 'one', target: 't' }],
    metric: [{ variant: 'counter', options: { inc: 'i' } }],
    stage: [{ name: 'static_labels', options: { values: new Map([['a', 'b']]) } }],
  })
  const attr = (name: string, type: string, value?: unknown) => ({
    name,
    type: 'attr',
    value: { type, value },
  })
  const hidden = { type: 'capsule', value: '(secret)' }
  tap.same(described, [
    attr('name', 'string', 'n'),
    attr('wait', 'string', '1m30s'),
    attr('room', 'string', '1KiB512B'),
    attr('password', 'capsule', '(secret)'),
    attr('key', 'capsule', '(secret)'),
    attr('headers', 'object', [{ key: 'X', value: hidden }]),
    attr('forward_to', 'array', [{ type: 'capsule', value: 'receiver of loki.write.a' }]),
    { name: 'rule', type: 'block', label: 'one', body: [attr('target', 'string', 't')] },
    { name: 'metric.counter', type: 'block', body: [attr('inc', 'string', 'i')] },
    {
      name: 'stage.static_labels',
      type: 'block',
      body: [attr('values', 'object', [{ key: 'a', value: { type: 'string', value: 'b' } }])],
    },
  ])
  tap.end()
})

void t.test('exports', (tap) => {
  tap.same(
    describeExports(
      new Map<string, Value>([
        ['content', { kind: 'secret', text: 'planted', optional: false }],
        ['targets', [new Map([['n', 3n]])]],
        ['token', 'planted'],
        ['none', null],
        ['on', true],
        ['far', Number.POSITIVE_INFINITY],
        ['call', { kind: 'function', name: 'f', call: () => null }],
      ]),
    ).map((each) => [each.name, each.type === 'attr' ? each.value : undefined]),
    [
      ['content', { type: 'capsule', value: '(secret)' }],
      [
        'targets',
        {
          type: 'array',
          value: [{ type: 'object', value: [{ key: 'n', value: { type: 'number', value: 3 } }] }],
        },
      ],
      ['token', { type: 'capsule', value: '(secret)' }],
      ['none', { type: 'null' }],
      ['on', { type: 'bool', value: true }],
      ['far', { type: 'number', value: 'Infinity' }],
      ['call', { type: 'function' }],
    ],
  )
  tap.end()
})
