import t from 'tap'
import { placeOf } from '../../../../lib/alloy/diagnostic.ts'
import { parseFile } from '../../../../lib/alloy/parser.ts'
import { standardLibrary } from '../../../../lib/alloy/stdlib/index.ts'
import type { ComponentContext, ComponentDefinition, Receiver } from '../../../../lib/component/component.ts'
import { libraryContext } from '../../../../lib/component/context.ts'
import type { Plan } from '../../../../lib/run/plan/plan-data.ts'
import { planConfig } from '../../../../lib/run/plan/plan.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'
import { FakeGraph } from '../../../support/fake-graph.ts'

interface Planned {
  readonly plan: Plan
  /** `file:line:column message`, one per diagnostic. */
  readonly found: readonly string[]
  /** Full ids in order. */
  readonly ids: readonly string[]
  readonly option: (fullId: string, name: string) => unknown
}

function planOf(text: string, files: Readonly<Record<string, string>> = {}): Planned {
  const source = { name: 'config.alloy', text }
  const { file, diagnostics } = parseFile(source)
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('; '))
  const components = new Map(
    new FakeGraph().definitions.map((each): [string, ComponentDefinition] => [each.name, each]),
  )
  const receivers = new Map<string, Receiver>()
  const plan = planConfig(
    { statements: file.body, source, modulePath: '/etc', place: 'root' },
    {
      components,
      stages: new Map(),
      stability: 'generally-available',
      stdlib: standardLibrary({
        stability: 'generally-available',
        env: {},
        hostname: 'h',
        os: 'linux',
        arch: 'amd64',
        version: 'v1',
      }),
      fetches: { modules: () => undefined, exports: () => undefined },
      files: {
        read: (path) => {
          if (files[path] === undefined) throw new Error(`no such file: ${path}`)
          return files[path]
        },
        isFolder: (path) => Object.keys(files).some((name) => name.startsWith(`${path}/`)),
        list: (folder) =>
          Object.keys(files)
            .filter((name) => name.startsWith(`${folder}/`))
            .map((name) => name.slice(folder.length + 1)),
      },
      receiver: (id) => {
        const known = receivers.get(id) ?? { id, send: () => {} }
        receivers.set(id, known)
        return known
      },
      running: () => undefined,
      context: (fullId, _id, _path, modulePath): ComponentContext => ({
        ...libraryContext(fullId),
        metrics: Metrics.create(),
        export: () => {},
        modulePath,
        stability: 'generally-available',
      }),
      same: () => false,
    },
  )
  return {
    plan,
    found: plan.diagnostics.map((each) => `${placeOf(each)} ${each.message}`),
    ids: plan.components.map(({ fullId }) => fullId),
    option: (fullId, name) => plan.components.find((each) => each.fullId === fullId)?.options[name],
  }
}

/** A config, other files of it, and the diagnostics that it must give, in order. */
type Case = [
  title: string,
  text: string,
  found: readonly (RegExp | string)[],
  files?: Readonly<Record<string, string>>,
]

const lines = (...all: string[]): string => all.join('\n')

const cases: Case[] = [
  ['nothing', '', []],
  ['settings', 'logging { level = "debug" }', []],
  [
    'a setting twice',
    'logging { }\nlogging { }',
    [/^config.alloy:2:1 "logging" is already declared at config.alloy:1:1/],
  ],
  ['a label that means nothing', 'logging "x" { }\ntracing "y" { }', []],
  ['a label where none may stand', 'http "x" { }', [/^config.alloy:1:1 http block must not have a label/]],
  ['no label', 'test.sink { }', [/^config.alloy:1:1 component "test.sink" must have a label/]],
  [
    'unknown, with a guess',
    'test.sonk "a" { }',
    [/^config.alloy:1:1 there is no component "test.sonk"; did you mean "test.sink"\?/],
  ],
  ['refused, with what to do', 'prometheus.scrape "a" { }', [/only handles logs/]],
  [
    'too new',
    'foreach "a" { }',
    [/^config.alloy:1:1 foreach is experimental, below the allowed level generally-available/],
  ],
  ['an attribute', 'a = 1', [/^config.alloy:1:1 expected a block, found the attribute "a"/]],
  [
    'a reference to nothing',
    'test.sink "a" { value = test.sink.b.receiver }',
    [/^config.alloy:1:25 "test.sink.b.receiver" does not exist/],
  ],
  [
    'a label that begins like another one',
    'test.sink "out" { }\ntest.source "in" { forward_to = [test.sink.output.receiver] }',
    [/^config.alloy:2:34 "test.sink.output.receiver" does not exist/],
  ],
  [
    'a missing export',
    'test.value "v" { value = 1 }\ntest.sink "a" { value = test.value.v.nope }',
    [/^config.alloy:2:\d+ .*nope/],
  ],
  [
    'an export of what has none',
    'test.source "s" { forward_to = [] }\ntest.sink "a" { value = test.source.s.nope }',
    [/^config.alloy:2:\d+ .*nope/],
  ],
  [
    'itself',
    'test.pass "a" { forward_to = [test.pass.a.receiver] }',
    [/^config.alloy:1:1 test.pass.a refers to itself/],
  ],
  [
    'a circle',
    lines(
      'test.pass "a" { forward_to = [test.pass.b.receiver] }',
      'test.pass "b" { forward_to = [test.pass.a.receiver] }',
    ),
    [/^config.alloy:1:1 .*test.pass.a -> test.pass.b -> test.pass.a/, /^config.alloy:2:1 .*circle/],
  ],
  [
    'a failure hides no other error and causes none',
    lines(
      'test.value "v" { value = nothing }',
      'test.sink "a" {',
      '  fail  = test.value.v.value',
      '  value = test.value.v.value + 1',
      '}',
      'test.sink "b" { nope = 1 }',
    ),
    [/^config.alloy:1:26 "nothing" does not exist/, /^config.alloy:6:17 unknown attribute "nope"/],
  ],
  [
    'a mistake that shows when it is built',
    'test.sink "a" {\n  fail = "create"\n}',
    [/^config.alloy:2:3 it cannot be made/],
  ],
  [
    'an old function',
    'test.sink "a" { value = json_decode("1") }',
    [/^config.alloy:1:25 json_decode is deprecated: write encoding.from_json/],
  ],
  // modules
  [
    'argument in the main config',
    'argument "a" { }\nexport "b" { value = 1 }',
    [/^config.alloy:1:1 argument blocks/, /^config.alloy:2:1 export blocks/],
  ],
  [
    'settings in a module',
    'declare "m" { logging { } }',
    [/^config.alloy:1:15 logging is not allowed in a module/],
  ],
  ['a declare called declare', 'declare "declare" { }', [/must not be called/]],
  [
    'a missing argument of a declare of the same text',
    'declare "m" { argument "x" { default = 1 } }\nm "i" { }',
    [/^config.alloy:2:1 missing required argument "x" of m$/],
  ],
  ['an unknown argument', 'declare "m" { }\nm "i" { y = 1 }', [/^config.alloy:2:9 unknown attribute "y"/]],
  ['a block as an argument', 'declare "m" { }\nm "i" { y { } }', [/^config.alloy:2:9 unknown block "y"/]],
  [
    'an argument twice',
    'declare "m" { argument "x" { } }\nm "i" {\n  x = 1\n  x = 2\n}',
    [/^config.alloy:4:3 attribute "x" is set twice/],
  ],
  [
    'an argument that is not declared',
    'declare "m" { test.sink "a" { value = argument.y.value } }\nm "i" { }',
    [/^config.alloy:1:39 .*argument.y.value/],
  ],
  [
    'a bad argument causes nothing inside',
    'declare "m" {\n  argument "x" { }\n  test.sink "a" { value = argument.x.value + 1 }\n}\nm "i" { x = nothing }',
    [/^config.alloy:5:13 "nothing" does not exist/],
  ],
  [
    'a failed export causes nothing outside; the others are there',
    lines(
      'declare "m" {',
      '  export "bad" { value = nothing }',
      '  export "good" { value = 1 }',
      '}',
      'm "i" { }',
      'test.sink "a" { value = m.i.bad + 1 }',
      'test.sink "b" { value = m.i.good + m.i.nope }',
    ),
    [/^config.alloy:2:26 "nothing"/, /^config.alloy:7:\d+ .*nope/],
  ],
  [
    'an export of a declare without exports',
    'declare "m" { }\nm "i" { }\ntest.sink "a" { value = m.i.nope }',
    [/^config.alloy:3:\d+ .*nope/],
  ],
  [
    'an unused declare is checked',
    'declare "m" {\n  argument "x" { }\n  test.sink "a" { nope = argument.x.value }\n}',
    [/^config.alloy:3:19 unknown attribute "nope"/],
  ],
  [
    'the outside is not seen',
    'test.sink "o" { }\ndeclare "m" { test.pass "a" { forward_to = [test.sink.o.receiver] } }',
    [/^config.alloy:2:45 "test.sink.o.receiver" does not exist/],
  ],
  [
    'the inside is not seen',
    'declare "m" {\n  declare "n" { }\n}\nn "i" { }',
    [/^config.alloy:4:1 there is no component "n"/],
  ],
  [
    'one mistake in two instances is told once',
    'declare "m" { test.sink "a" { nope = 1 } }\nm "i" { }\nm "j" { }',
    [/nope/],
  ],
  [
    'a declare that uses itself',
    'declare "m" {\n  m "x" { }\n  m "y" { }\n}\nm "i" { }',
    [/^config.alloy:2:3 "m" uses itself/, /^config.alloy:3:3 "m" uses itself/],
  ],
  [
    'two that use each other',
    'declare "m" { n "x" { } }\ndeclare "n" { m "y" { } }\nm "i" { }',
    [/uses itself/],
  ],
  [
    'itself, never used',
    'declare "m" {\n  m "x" { }\n  m "y" { }\n}',
    [/^config.alloy:2:3 /, /^config.alloy:3:3 /],
  ],
  // imports
  [
    'a file that is not there',
    'import.file "m" { filename = "no.alloy" }',
    [/^config.alloy:1:1 import.file "m": no such file/],
  ],
  [
    'its users are told as well',
    'import.file "m" { filename = "no.alloy" }\nm.x "i" { }',
    [/^config.alloy:1:1 /, /^config.alloy:2:1 the import has no declare for "m.x"/],
  ],
  [
    'a declare that is not in it',
    'import.string "m" { content = "declare \\"a\\" { argument \\"x\\" { optional = true } }" }\nm.b "i" { }',
    [/^config.alloy:2:1 /],
  ],
  [
    'components at the top of a module',
    'import.file "m" { filename = "m" }',
    [/^m:1:1 .*only declare and import blocks/],
    { m: 'test.sink "a" { }' },
  ],
  ['a syntax error in a module', 'import.file "m" { filename = "m" }', [/^m:1:\d+ /], { m: 'declare "a" {' }],
  [
    'a missing argument of an imported declare',
    'import.file "m" { filename = "m" }\nm.a "i" { }',
    [/^m:2:3 missing required argument "x" of m.a: pass it at config.alloy:2:1/],
    { m: 'declare "a" {\n  argument "x" { }\n}' },
  ],
  [
    'a module that imports itself',
    'import.file "m" { filename = "m" }',
    [/^m:1:1 import.file.again: .* imported already/],
    { m: 'import.file "again" { filename = "m" }' },
  ],
  [
    'two that import each other',
    'import.file "m" { filename = "m" }',
    [/^n:1:1 .*cycle/],
    { m: 'import.file "n" { filename = "n" }', n: 'import.file "m" { filename = "m" }' },
  ],
  [
    'a module that imports itself inside of a declare',
    'import.file "m" { filename = "m.alloy" }\nm.a "x" { }',
    [/^m\.alloy:3:1 "self\.a" uses itself/],
    { 'm.alloy': 'declare "a" {\nimport.file "self" { filename = "m.alloy" }\nself.a "y" { }\n}' },
  ],
  [
    'two modules that use each other',
    'import.file "m" { filename = "m.alloy" }\nm.a "x" { }',
    [/^n\.alloy:3:1 "m\.a" uses itself/],
    {
      'm.alloy': 'declare "a" {\nimport.file "n" { filename = "n.alloy" }\nn.b "y" { }\n}',
      'n.alloy': 'declare "b" {\nimport.file "m" { filename = "m.alloy" }\nm.a "z" { }\n}',
    },
  ],
  [
    'a module that makes another of itself without end',
    `declare "a" {
  argument "c" { }
  import.string "s" { content = argument.c.value }
  s.b "x" { c = argument.c.value + " " }
}
a "x" {
  c = "declare \\"b\\" { argument \\"c\\" { }\\nimport.string \\"s\\" { content = argument.c.value + \\" \\" }\\ns.b \\"x\\" { c = argument.c.value + \\" \\" }\\n}"
}`,
    [/modules are nested deeper than 32/],
  ],
  ['an empty folder', 'import.file "m" { filename = "d" }', [/has no \*.alloy files/], { 'd/readme': '' }],
]

void t.test('what is told of a config', (tap) => {
  for (const [title, text, expected, files] of cases) {
    const { found } = planOf(text, files)
    tap.equal(found.length, expected.length, `${title}: ${found.join('\n') || 'nothing'}`)
    expected.forEach((each, i) => tap.match(found[i], each, title))
  }
  tap.end()
})

void t.test('dependencies come first', (tap) => {
  const { ids, plan } = planOf(
    lines(
      'test.source "in" { forward_to = [test.pass.a.receiver, test.sink.x.receiver] }',
      'test.pass "a" { forward_to = [test.sink.x.receiver] }',
      'test.sink "x" { value = test.value.v.value }',
      'test.value "v" { value = 1 }',
      'logging { level = "warn" }',
    ),
  )
  tap.same(ids, ['test.value.v', 'test.sink.x', 'test.pass.a', 'test.source.in'])
  tap.match(plan.settings.get('logging'), { level: 'warn', format: 'logfmt' })
  tap.end()
})

void t.test('modules: arguments, exports, nesting, module_path', (tap) => {
  const { found, ids, option, plan } = planOf(
    lines(
      'import.file "lib" { filename = "/mods/one.alloy" }',
      'declare "wrap" {',
      '  argument "to" { }',
      '  argument "mark" {',
      '    optional = true',
      '    default  = "-"',
      '  }',
      '  lib.stage "s" {',
      '    to   = argument.to.value',
      '    mark = argument.mark.value',
      '  }',
      '  export "receiver" { value = lib.stage.s.receiver }',
      '  export "path" { value = module_path }',
      '}',
      'wrap "plain" { to = [test.sink.out.receiver] }',
      'wrap "marked" {',
      '  to   = [test.sink.out.receiver]',
      '  mark = "+"',
      '}',
      'test.source "in" { forward_to = [wrap.plain.receiver, wrap.marked.receiver] }',
      'test.sink "out" { }',
      'test.sink "path" { value = wrap.plain.path }',
    ),
    {
      '/mods/one.alloy': lines(
        'import.file "two" { filename = module_path + "/two" }',
        'declare "stage" {',
        '  argument "to" { }',
        '  argument "mark" { }',
        '  two.pass "deep" {',
        '    to   = argument.to.value',
        '    mark = argument.mark.value',
        '  }',
        '  export "receiver" { value = two.pass.deep.receiver }',
        '}',
      ),
      '/mods/two/a.alloy': lines(
        'declare "pass" {',
        '  argument "to" { }',
        '  argument "mark" { }',
        '  test.pass "p" {',
        '    forward_to = argument.to.value',
        '    mark       = argument.mark.value + module_path',
        '  }',
        '  export "receiver" { value = test.pass.p.receiver }',
        '}',
      ),
      '/mods/two/ignored.txt': 'not { a config',
    },
  )
  tap.same(found, [])
  tap.same([...ids].sort(), [
    'test.sink.out',
    'test.sink.path',
    'test.source.in',
    'wrap.marked/lib.stage.s/two.pass.deep/test.pass.p',
    'wrap.plain/lib.stage.s/two.pass.deep/test.pass.p',
  ])
  tap.equal(option('wrap.plain/lib.stage.s/two.pass.deep/test.pass.p', 'mark'), '-/mods/two')
  tap.equal(option('wrap.marked/lib.stage.s/two.pass.deep/test.pass.p', 'mark'), '+/mods/two')
  tap.equal(option('test.sink.path', 'value'), '/etc')
  tap.same(
    (option('test.source.in', 'forward_to') as Receiver[]).map(({ id }) => id),
    ['wrap.plain/lib.stage.s/two.pass.deep/test.pass.p', 'wrap.marked/lib.stage.s/two.pass.deep/test.pass.p'],
  )
  tap.same(plan.files.map(({ path }) => path).sort(), ['/mods/one.alloy', '/mods/two', '/mods/two/a.alloy'])
  tap.equal(
    plan.components.find(({ id }) => id === 'test.pass.p')?.componentPath,
    '/wrap.plain/lib.stage.s/two.pass.deep',
  )
  tap.end()
})

void t.test('an import may follow its uses, in declares too', (tap) => {
  const { found, ids } = planOf(
    lines(
      'declare "outer" {',
      '  declare "inner" { lib.sink "s" { } }',
      '  inner "i" { }',
      '}',
      'outer "o" { }',
      'lib.sink "direct" { }',
      'import.string "lib" { content = test.value.text.value }',
      'test.value "text" { value = "declare \\"sink\\" { test.sink \\"x\\" { } }" }',
    ),
  )
  tap.same(found, [])
  tap.same([...ids].sort(), [
    'lib.sink.direct/test.sink.x',
    'outer.o/inner.i/lib.sink.s/test.sink.x',
    'test.value.text',
  ])
  tap.end()
})

void t.test('an argument may be null, and a default may be any value', (tap) => {
  const { found, option } = planOf(
    lines(
      'declare "m" {',
      '  argument "x" { }',
      '  argument "y" {',
      '    optional = true',
      '    default  = { a = [1] }',
      '  }',
      '  test.sink "a" { value = argument.x.value }',
      '  test.sink "b" { value = argument.y.value.a[0] }',
      '}',
      'm "i" { x = null }',
      'declare "n" {',
      '  argument "x" {',
      '    optional = true',
      '    default  = 5',
      '  }',
      '  test.sink "a" { value = argument.x.value }',
      '}',
      'n "i" { x = null }',
    ),
  )
  tap.same(found, [])
  tap.equal(option('n.i/test.sink.a', 'value'), null, 'a null that is passed is not the default')
  tap.equal(option('m.i/test.sink.a', 'value'), null)
  tap.equal(option('m.i/test.sink.b', 'value'), 1n)
  tap.end()
})
