import t from 'tap'
import { placeOf } from '../../../../lib/alloy/diagnostic.ts'
import { parseFile } from '../../../../lib/alloy/parser.ts'
import { newScope } from '../../../../lib/run/plan/frame.ts'
import {
  findDeclared,
  namespacesUsed,
  readBody,
  type BodyNode,
  type BodyPlace,
  type NameScope,
} from '../../../../lib/run/plan/module-body.ts'
import { FakeGraph } from '../../../support/fake-graph.ts'

const components = new Map(new FakeGraph().definitions.map((each) => [each.name, each]))

function read(
  text: string,
  place: BodyPlace = 'root',
  scope = newScope(undefined),
): { nodes: BodyNode[]; found: string[]; scope: NameScope } {
  const { file } = parseFile({ name: 'c', text })
  const found: string[] = []
  const nodes = readBody({ statements: file.body, source: file.source, modulePath: '/', place }, scope, {
    components,
    stability: 'public-preview',
    report: (diagnostic) => found.push(`${placeOf(diagnostic)} ${diagnostic.message}`),
  })
  return { nodes, found, scope }
}

void t.test('what each block is', (tap) => {
  const { nodes, found } = read(
    'm "two" { }\ntest.sink "a" { }\nlogging { }\nimport.file "lib" { }\nlib.x { }\ndeclare "m" { }',
  )
  tap.same(found, [])
  tap.same(
    nodes.map(({ kind, id, path }) => [kind, id, path.join('/')]),
    [
      ['custom', 'm.two', 'm/two'],
      ['component', 'test.sink.a', 'test/sink/a'],
      ['config', 'logging', 'logging'],
      ['import', 'import.file.lib', 'import/file/lib'],
      ['custom', 'lib.x', 'lib/x'],
    ],
  )
  tap.equal(nodes[1]!.definition?.name, 'test.sink')
  tap.end()
})

void t.test('each misplaced block is told and left out', (tap) => {
  const cases: [string, BodyPlace, RegExp][] = [
    ['a = 1', 'root', /^c:1:1 expected a block/],
    ['test.sink "a" { }', 'import', /^c:1:1 .*only declare and import blocks/],
    ['http { }', 'module', /not allowed in a module/],
    ['argument "a" { }', 'root', /only allowed inside a module/],
    ['declare { }', 'root', /must have a label/],
    ['http "a" { }', 'root', /must not have a label/],
    ['foreach "a" { }', 'module', /--stability.level=experimental/],
    ['test.sink { }', 'root', /must have a label/],
    ['prometheus.scrape "a" { }', 'root', /does not have prometheus.scrape/],
  ]
  for (const [text, place, message] of cases) {
    const { nodes, found } = read(text, place)
    tap.same([nodes.length, found.length], [0, 1], text)
    tap.match(found[0], message)
  }
  const { nodes, found } = read(
    'test.sink "a" { }\ntest.sink "a" { }\nimport.file "x" { }\nimport.string "x" { }',
  )
  tap.equal(nodes.length, 2)
  tap.match(found, [/^c:2:1 .*already declared at c:1:1/, /^c:4:1 .*already declared at c:3:1/])
  tap.end()
})

void t.test('names are looked up outwards', (tap) => {
  const outer = read('declare "a" { }\ndeclare "b" { }\nimport.file "lib" { }').scope
  const inner = read('declare "a" { }', 'module', newScope(outer)).scope
  tap.not(findDeclared(inner, 'a'), findDeclared(outer, 'a'), 'the inner one hides the outer one')
  tap.equal(findDeclared(inner, 'b'), findDeclared(outer, 'b'))
  tap.equal(findDeclared(inner, 'lib.x'), null, 'an import that is not read yet')
  outer.imports.set('lib', new Map([['x', findDeclared(outer, 'a')!]]))
  tap.equal(findDeclared(inner, 'lib.x'), findDeclared(outer, 'a'))
  tap.equal(findDeclared(inner, 'lib.y'), null)
  tap.equal(findDeclared(inner, 'other'), undefined)
  tap.end()
})

void t.test('the namespaces that an instance needs, through declares and in circles', (tap) => {
  const { scope } = read(
    'declare "a" {\n  b "x" { }\n  declare "in" { deep.y "z" { } }\n}\ndeclare "b" {\n  lib.c "y" { }\n  a "z" { }\n}',
  )
  tap.same([...namespacesUsed(scope, 'a')].sort(), ['deep', 'lib'])
  tap.same([...namespacesUsed(scope, 'lib.z')], ['lib'])
  tap.same([...namespacesUsed(scope, 'none')], [])
  tap.end()
})
