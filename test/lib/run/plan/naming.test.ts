import t from 'tap'
import { placeOf } from '../../../../lib/alloy/diagnostic.ts'
import { parseFile } from '../../../../lib/alloy/parser.ts'
import { newFrame, newScope } from '../../../../lib/run/plan/frame.ts'
import { edgesOf, isUnknown, reportCycle, type Naming } from '../../../../lib/run/plan/naming.ts'
import { readBody, type BodyNode } from '../../../../lib/run/plan/module-body.ts'
import { FakeGraph } from '../../../support/fake-graph.ts'

function read(text: string): {
  nodes: BodyNode[]
  frame: ReturnType<typeof newFrame>
  naming: Naming
  found: string[]
} {
  const { file } = parseFile({ name: 'c', text })
  const found: string[] = []
  const report: Naming['report'] = (each) =>
    void found.push(`${placeOf(each)} ${each.severity} ${each.message}`)
  const body = { statements: file.body, source: file.source, modulePath: '/', place: 'root' as const }
  const scope = newScope(undefined)
  const components = new Map(new FakeGraph().definitions.map((each) => [each.name, each]))
  const nodes = readBody(body, scope, { components, stability: 'experimental', report })
  return { nodes, frame: newFrame(body, scope), naming: { stdlib: new Map([['sys', 1n]]), report }, found }
}

void t.test('what a node refers to, and which of its names are nowhere', (tap) => {
  const { nodes, frame, naming, found } = read(
    'test.value "v" { value = 1 }\ntest.sink "s" { value = [test.value.v.value, sys.env("X"), module_path, gone.x, env("X")] }',
  )
  tap.same([...edgesOf(frame, nodes[1]!, nodes, naming)], ['test.value.v'])
  tap.match(found, [
    /^c:2:\d+ error "gone\.x" does not exist/,
    /^c:2:\d+ warning env is deprecated: write sys\.env/,
  ])
  tap.equal(found.length, 2)
  tap.same([...frame.unknown], ['gone.x'])
  tap.end()
})

void t.test('expressions on values that are not to be had', (tap) => {
  const { nodes, frame, naming } = read('test.sink "s" {\n  value = a.b.c\n  fail = sys.x\n  anew = other\n}')
  const [value, fail, anew] = nodes[0]!.block.body.flatMap((each) =>
    each.kind === 'attribute' ? [each.value] : [],
  )
  const unknown = (): boolean[] => [value!, fail!, anew!].map((each) => isUnknown(frame, each, naming.stdlib))
  tap.same(unknown(), [false, false, false], 'nothing has failed: mistakes show when it is evaluated')
  frame.unknown.add('a.b')
  frame.names.set(['a', 'x'], 1n)
  frame.names.set(['other'], 1n)
  tap.same(unknown(), [true, false, false])
  tap.end()
})

void t.test('circles', (tap) => {
  const { nodes, frame, naming, found } = read('test.sink "a" { }\ntest.sink "b" { }')
  reportCycle(frame, nodes[0]!, ['x'], naming.report)
  reportCycle(frame, nodes[1]!, ['x', 'y'], naming.report)
  tap.match(found, [/^c:1:1 error test\.sink\.a refers to itself/, /^c:2:1 .*x -> y -> x/])
  tap.end()
})
