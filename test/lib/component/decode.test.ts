import fc from 'fast-check'
import t from 'tap'
import { placeOf, type Diagnostic } from '../../../lib/alloy/diagnostic.ts'
import { scopeOf } from '../../../lib/alloy/evaluate.ts'
import { parseFile } from '../../../lib/alloy/parser.ts'
import { references } from '../../../lib/alloy/references.ts'
import type { Value } from '../../../lib/alloy/value.ts'
import { decodeBody, decodeInput, defaultsOf, type KnownStage } from '../../../lib/component/decode.ts'
import { blame, blamed, diagnosticsFor, isPartial, placeOfOptions } from '../../../lib/component/origin.ts'
import { LogstreamError } from '../../../lib/errors.ts'
import * as f from '../../../lib/component/fields.ts'

const endpointFields = {
  url: f.required(f.text, 'Where to.'),
  wait: f.optional(f.duration, 1000, 'How long.'),
}

const fields = {
  name: f.required(f.text, 'Its name.'),
  level: f.optional(f.text, 'info', 'How much.', ['debug', 'info', 'warn']),
  tags: f.optional(f.map(f.text), new Map<string, string>(), 'Tags.'),
  ports: f.optional(f.list(f.integer), [], 'Ports.'),
  tls: f.block({ cert: f.optional(f.text, '', 'Certificate.'), key: f.required(f.text, 'Key.') }, 'TLS.'),
  retry: f.blockWithDefaults({ times: f.optional(f.integer, 3, 'How often.') }, 'Retries.'),
  endpoint: f.blocks(endpointFields, 'Endpoints.'),
  job: f.blocks({ every: f.optional(f.text, '', 'When.') }, 'Jobs.', { labelled: true }),
  metric: f.variants({ counter: { name: f.required(f.text, 'Name.') }, gauge: {} }, 'Metrics.'),
  stage: f.stages('Stages.'),
}

const stages = new Map<string, KnownStage>([
  ['drop', { fields: { reason: f.optional(f.text, '', 'Reason.') } }],
  ['match', { fields: { selector: f.required(f.text, 'Selector.'), stage: f.stages('Inner.') } }],
])

function decode<F extends f.Fields>(
  text: string,
  of: F,
  skip?: (name: string) => boolean,
): { options: f.OptionsOf<F> | undefined; found: string[] } {
  const source = { name: 'c', text }
  const { file, diagnostics } = parseFile(source)
  if (diagnostics.length > 0) throw new Error(`does not parse: ${text}`)
  const reported: Diagnostic[] = []
  const options = decodeBody(
    file.body,
    of,
    { start: 0, end: text.length },
    {
      source,
      scope: scopeOf(new Map<string, Value>([['number', 5n]])),
      stages,
      report: (diagnostic) => reported.push(diagnostic),
      skip:
        skip === undefined
          ? undefined
          : (expression) => references(expression).some(({ path }) => skip(path.join('.'))),
    },
  )
  return { options, found: reported.map((each) => `${placeOf(each)} ${each.message}`) }
}

void t.test('everything at once', (tap) => {
  const { options, found } = decode(
    `name = number
     tags = { a = "x", b = 2 }
     ports = [1, 2]
     tls { key = "k" }
     endpoint { url = "one" }
     metric.gauge { }
     endpoint {
       url  = "two"
       wait = "5s"
     }
     job "daily" { every = "24h" }
     job { }
     metric.counter { name = "n" }
     stage.match {
       selector = "{}"
       stage.drop { }
     }
     stage.drop { reason = "r" }`,
    fields,
  )
  tap.same(found, [])
  tap.same(options, {
    name: '5',
    level: 'info',
    tags: new Map([
      ['a', 'x'],
      ['b', '2'],
    ]),
    ports: [1, 2],
    tls: { cert: '', key: 'k' },
    retry: { times: 3 },
    endpoint: [
      { url: 'one', wait: 1000 },
      { url: 'two', wait: 5000 },
    ],
    job: [{ every: '24h', label: 'daily' }, { every: '' }],
    metric: [
      { variant: 'gauge', options: {} },
      { variant: 'counter', options: { name: 'n' } },
    ],
    stage: [
      { name: 'match', options: { selector: '{}', stage: [{ name: 'drop', options: { reason: '' } }] } },
      { name: 'drop', options: { reason: 'r' } },
    ],
  })
  tap.end()
})

void t.test('what is left out', (tap) => {
  const defaults = {
    level: 'info',
    tags: new Map(),
    ports: [],
    tls: undefined,
    retry: { times: 3 },
    endpoint: [],
    job: [],
    metric: [],
    stage: [],
  }
  tap.same(decode('name = "x"', fields).options, { name: 'x', ...defaults })
  tap.same(defaultsOf(fields), { name: '', ...defaults })
  tap.end()
})

const needy = {
  a: f.required(f.text, 'First.'),
  one: f.blocks({ x: f.optional(f.integer, 0, 'X.') }, 'At least one.', { required: true }),
}

void t.test('each mistake at its place, with a guess where there is one', (tap) => {
  const cases: [string, f.Fields, (string | RegExp)[]][] = [
    ['', fields, [/^c:1:1 missing required attribute "name" \(string\): Its name\.$/]],
    ['nmae = "x"', fields, [/^c:1:1 unknown attribute "nmae"; did you mean "name"\?/, /missing/]],
    ['name = "x"\nfoo = 1', fields, [/^c:2:1 unknown attribute "foo"$/]],
    ['name = "x"\nname = "y"', fields, [/^c:2:1 attribute "name" is set twice/]],
    ['name = true', fields, [/^c:1:8 name: expected string, found bool/]],
    ['name = 1 +\n  true', fields, [/^c:\d:\d+ /]],
    ['name = nothing', fields, [/^c:1:8 /]],
    ['name { }', fields, [/^c:1:1 "name" is an attribute, not a block: write `name = \.\.\.`/, /missing/]],
    [
      'name = "x"\ntls = { }',
      fields,
      [/^c:2:1 "tls" is a block, not an attribute: write `tls \{ \.\.\. \}`/],
    ],
    [
      'name = "x"\nlevel = "wran"',
      fields,
      [/^c:2:9 level: expected one of "debug", "info", "warn", found "wran"; did you mean "warn"\?/],
    ],
    [
      'name = "x"\ntags = {\n  a = "x",\n  b = true,\n}',
      fields,
      [/^c:4:7 tags: expected string, found bool/],
    ],
    ['name = "x"\nports = [1, "x"]', fields, [/^c:2:13 ports: /]],
    ['name = "x"\nports = 1', fields, [/^c:2:9 ports: expected array/]],
    ['name = "x"\nendpont { }', fields, [/^c:2:1 unknown block "endpont"; did you mean "endpoint"\?/]],
    ['name = "x"\nendpoint "l" { url = "u" }', fields, [/^c:2:10 block "endpoint" takes no label/]],
    [
      'name = "x"\ntls { key = "k" }\ntls { key = "k" }',
      fields,
      [/^c:2:1 block "tls" is written twice/, /^c:3:1 block "tls" is written twice/],
    ],
    ['name = "x"\ntls { }', fields, [/^c:2:1 missing required attribute "key"/]],
    [
      'name = "x"\nendpoint {\n  wait = "1"\n}',
      fields,
      [/^c:3:10 wait: /, /^c:2:1 missing required attribute "url"/],
    ],
    [
      'name = "x"\nmetric.conter { }',
      fields,
      [/^c:2:1 unknown block "metric.conter"; did you mean "metric.counter"\?/],
    ],
    ['name = "x"\nmetric { }', fields, [/^c:2:1 unknown block "metric"/]],
    [
      'name = "x"\nstage.dorp { }',
      fields,
      [/^c:2:1 unknown block "stage.dorp"; did you mean "stage.drop"\?/],
    ],
    [
      'name = "x"\nstage.match {\n  stage.drop { x = 1 }\n}',
      fields,
      [/^c:3:16 unknown attribute "x"/, /^c:2:1 missing required attribute "selector"/],
    ],
    [
      'name = "x"\nconstructor = 1\n__proto__ { }',
      fields,
      [/^c:2:1 unknown attribute/, /^c:3:1 unknown block/],
    ],
    ['name = "x"\nmetric.constructor { }', fields, [/^c:2:1 unknown block/]],
    [
      '',
      needy,
      [
        /^c:1:1 missing required attribute "a"/,
        /^c:1:1 missing required block "one": write at least one: At least one\./,
      ],
    ],
    ['a = "x"\none { x = "y" }', needy, [/^c:2:11 x: /]],
    ['b = 1', needy, [/unknown/, /missing required attribute "a"/, /missing required block "one"/]],
  ]
  for (const [text, of, expected] of cases) {
    const { options, found } = decode(text, of)
    tap.equal(options, undefined, text)
    tap.equal(found.length, expected.length, `${text}: ${found.join('\n')}`)
    expected.forEach((each, i) => tap.match(found[i], each))
  }
  tap.end()
})

void t.test('whatever is written, nothing is thrown', (tap) => {
  const name = fc.constantFrom(
    'name',
    'level',
    'tags',
    'ports',
    'tls',
    'retry',
    'endpoint',
    'job',
    'metric',
    'metric.counter',
    'stage.drop',
    'stage.match',
    'x',
  )
  const value = fc.constantFrom(
    '1',
    '-1.5',
    '"x"',
    'true',
    'null',
    '[]',
    '[[1]]',
    '{ a = 1 }',
    'number',
    'none',
    'number.x',
    'number()',
    '1 + "x"',
    '"1s"',
  )
  const { statement } = fc.letrec<{ statement: string; body: string }>((tie) => ({
    statement: fc.oneof(
      { depthSize: 'small' },
      fc.tuple(name, value).map(([left, right]) => `${left.replace('.', '_')} = ${right}`),
      fc
        .tuple(name, fc.constantFrom('', ' "l"'), tie('body'))
        .map(([left, label, body]) => `${left}${label} {\n${body}\n}`),
    ),
    body: fc.array(tie('statement'), { maxLength: 4 }).map((all) => all.join('\n')),
  }))
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 5 }), (all) => {
      const { options, found } = decode(all.join('\n'), fields)
      return (options === undefined) === found.length > 0
    }),
    { numRuns: 200 },
  )
  tap.pass('200 random bodies: options, or at least one message')
  tap.end()
})

void t.test('expressions may be left alone; the options then say that they are not all there', (tap) => {
  const { options, found } = decode('name = failed.value\nendpoint { url = "x" }', fields, (each) =>
    each.startsWith('failed'),
  )
  tap.same(found, [])
  tap.same([options?.name, isPartial(options!)], ['', true])
  const inner = decode('name = "x"\nendpoint { url = failed.value }', fields, (each) =>
    each.startsWith('failed'),
  )
  tap.equal(isPartial(inner.options!), true, 'in a block too')
  tap.equal(isPartial(decode('name = "x"', fields).options!), false)
  tap.end()
})

void t.test('options know where they were written', (tap) => {
  const { options } = decode('level = "warn"\nname = "x"\nendpoint {\n  url = "u"\n}', fields)
  const fallback = { source: { name: 'other', text: 'zzz' }, range: { start: 1, end: 2 } }
  const place = (error: unknown, of: object): string => placeOf(diagnosticsFor(error, of, fallback)[0]!)
  tap.equal(place(new LogstreamError('BAD_ARGUMENT', 'no', { option: 'name' }), options!), 'c:2:1')
  tap.equal(
    place(new LogstreamError('BAD_ARGUMENT', 'no', { option: 'url' }), options!.endpoint[0]!),
    'c:4:3',
  )
  tap.equal(
    place(new LogstreamError('BAD_ARGUMENT', 'no', { option: 'ports' }), options!),
    'c:1:1',
    'one that is not written',
  )
  tap.equal(place(new Error('no'), options!), 'c:1:1')
  tap.equal(place(new Error('no'), {}), 'other:1:2', 'options from elsewhere')
  tap.same(
    diagnosticsFor('text', {}, fallback).map(({ message }) => message),
    ['text'],
  )
  tap.equal(placeOfOptions({}), undefined)
  tap.end()
})

void t.test('an error knows which options made it; several errors give several messages', (tap) => {
  const { options } = decode('name = "x"\nendpoint { url = "one" }\nendpoint { url = "two" }', fields)
  const [one, two] = options!.endpoint
  const first = blame(new LogstreamError('BAD_ARGUMENT', 'first', { option: 'url' }), one!)
  tap.equal(blame(first, options!), first)
  tap.equal(blamed(first), one, 'the innermost note stays')
  tap.equal(blamed(new Error('other')), undefined)
  tap.equal(blame('text', one!), 'text')
  const second = blame(new Error('second'), two!)
  const fallback = { source: { name: 'other', text: '' }, range: { start: 0, end: 0 } }
  tap.same(
    diagnosticsFor(new AggregateError([first, second]), options!, fallback).map(
      (each) => `${placeOf(each)} ${each.message}`,
    ),
    ['c:2:12 first', 'c:3:1 second'],
  )
  tap.end()
})

void t.test('options from JS', (tap) => {
  tap.same(
    decodeInput('x', fields, {
      name: 'n',
      level: undefined,
      tags: { a: 'b' },
      ports: [1, 2.7],
      tls: { key: 'k' },
      endpoint: [{ url: 'u', wait: '2s' }],
      job: [{ label: 'daily', every: '1h' }, {}],
      metric: [{ variant: 'counter', options: { name: 'c' } }],
    }),
    {
      name: 'n',
      level: 'info',
      tags: new Map([['a', 'b']]),
      ports: [1, 2],
      tls: { cert: '', key: 'k' },
      retry: { times: 3 },
      endpoint: [{ url: 'u', wait: 2000 }],
      job: [{ every: '1h', label: 'daily' }, { every: '' }],
      metric: [{ variant: 'counter', options: { name: 'c' } }],
      stage: [],
    },
  )
  const receiver = { id: 'r' }
  const capsules = {
    to: f.required(f.list(f.capsule('R')), 'To.'),
    token: f.optional(f.secret, { kind: 'secret', text: '', optional: false }, 'Token.'),
  }
  const given = decodeInput('x', capsules, {
    to: [{ kind: 'capsule', type: 'R', data: receiver }],
    token: 's3cret',
  })
  tap.equal(given.to[0], receiver)
  tap.same(given.token, { kind: 'secret', text: 's3cret', optional: false })
  tap.same(
    decodeInput('x', { v: f.optional(f.any, null, 'V.') }, { v: new Map([['k', [1, null, true]]]) }).v,
    new Map([['k', [1n, null, true]]]),
  )
  tap.end()
})

void t.test('mistakes from JS are BAD_ARGUMENT with the option', (tap) => {
  const cases: [unknown, RegExp, string | undefined][] = [
    [{}, /x: option "name": missing: expected string/, 'name'],
    [{ name: true }, /option "name": expected string, found bool/, 'name'],
    [{ name: () => 1 }, /option "name": expected a string, number.*found function/, 'name'],
    [{ name: 'n', nmae: 1 }, /option "nmae": unknown attribute "nmae"; did you mean "name"\?/, 'nmae'],
    [{ name: 'n', level: 'x' }, /expected one of "debug"/, 'level'],
    [{ name: 'n', tls: { cert: 'c' } }, /x tls: option "key": missing/, 'key'],
    [{ name: 'n', tls: 'yes' }, /x tls: expected an object of options, found string/, undefined],
    [
      { name: 'n', endpoint: { url: 'u' } },
      /option "endpoint": expected a list of objects, found object/,
      'endpoint',
    ],
    [{ name: 'n', endpoint: ['u'] }, /option "endpoint": expected a list of objects/, 'endpoint'],
    [{ name: 'n', endpoint: [{ url: 'u', label: 'l' }] }, /unknown attribute "label"/, 'label'],
    [
      { name: 'n', metric: [{ variant: 'toString', options: {} }] },
      /unknown variant "toString": expected counter, gauge/,
      'metric',
    ],
    ['name', /expected an object of options, found string/, undefined],
    [null, /found null/, undefined],
    [['name'], /found a list/, undefined],
  ]
  for (const [input, message, option] of cases)
    tap.throws(() => decodeInput('x', fields, input), { code: 'BAD_ARGUMENT', message, option })
  tap.throws(() => decodeInput('x', needy, { a: 'x' }), {
    message: /option "one": missing: expected a block/,
  })
  tap.end()
})
