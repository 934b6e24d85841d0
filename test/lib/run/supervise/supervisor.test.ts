import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { Diagnostic } from '../../../../lib/alloy/diagnostic.ts'
import { placeOf } from '../../../../lib/alloy/diagnostic.ts'
import { diskFiles } from '../../../../lib/run/modules/config-files.ts'
import { Supervisor } from '../../../../lib/run/supervise/supervisor.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'
import { FakeGraph, valueExports } from '../../../support/fake-graph.ts'
import { StepClock } from '../../../support/step-clock.ts'

interface Bench {
  readonly graph: FakeGraph
  readonly supervisor: Supervisor
  readonly metrics: Metrics
  readonly time: StepClock
  /** The next load reads this. */
  readonly write: (...texts: string[]) => void
  /** Loads; returns the messages. */
  readonly load: (text?: string) => Promise<string[]>
}

function bench(): Bench {
  const graph = new FakeGraph()
  const time = new StepClock()
  const metrics = Metrics.create()
  let texts: string[] = []
  const supervisor = new Supervisor({
    config: () => texts.map((text, i) => ({ source: { name: `${i + 1}.alloy`, text }, modulePath: '/etc' })),
    files: diskFiles,
    log: SILENT,
    metrics,
    stability: 'generally-available',
    stdlib: new Map(),
    storagePath: undefined,
    clock: time,
    substitutes: graph.definitions,
  })
  const write = (...given: string[]): void => {
    texts = given
  }
  return {
    graph,
    supervisor,
    metrics,
    time,
    write,
    load: async (text) => {
      if (text !== undefined) write(text)
      return (await supervisor.load()).map(messageOf)
    },
  }
}

const messageOf = (found: Diagnostic): string => `${placeOf(found)} ${found.message}`

const CHAIN = `
test.source "in" { forward_to = [test.pass.mid.receiver] }
test.pass "mid" {
  forward_to = [test.sink.out.receiver]
  mark = "!"
}
test.sink "out" { }
`

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !what(); i++) await turn()
}

void t.test('sinks start first, sources stop first, and each hands on what it holds', async (tap) => {
  const { graph, supervisor, load } = bench()
  tap.same(await load(CHAIN.replace('mark = "!"', 'mark = "!"\n  hold = true')), [])
  tap.same(graph.drainEvents(/^start/), [
    'start test.sink.out',
    'start test.pass.mid',
    'start test.source.in',
  ])
  graph.send('test.source.in', 'a')
  graph.send('test.source.in', 'b')
  await turn()
  tap.same(graph.taken.get('test.sink.out'), [], 'the stage in the middle holds it')
  await supervisor.stop()
  tap.same(graph.drainEvents(/^(stop|flush|end)/), [
    'stop test.source.in',
    'flush test.pass.mid',
    'end test.sink.out',
  ])
  tap.same(graph.taken.get('test.sink.out'), ['a!', 'b!'])
  tap.same(
    [supervisor.ledger.read, supervisor.ledger.total('delivered'), supervisor.ledger.inFlight],
    [2, 2, 0],
  )
})

void t.test('what the page shows', async (tap) => {
  const { supervisor, load } = bench()
  await load(CHAIN)
  tap.match(supervisor.components(), [
    { fullId: 'test.sink.out', name: 'test.sink', health: { state: 'healthy' }, status: { in_place: '' } },
    { fullId: 'test.pass.mid', forwardTo: ['test.sink.out'] },
    { fullId: 'test.source.in', id: 'test.source.in', forwardTo: ['test.pass.mid'] },
  ])
  await supervisor.stop()
})

void t.test('a stop that is hurried closes what does not end', async (tap) => {
  const { graph, supervisor, load, time } = bench()
  await load(CHAIN.replace('{ }', '{ hold = true }'))
  graph.send('test.source.in', 'a')
  await turn()
  supervisor.drain(1)
  time.advance(1)
  await supervisor.stop()
  tap.same(graph.drainEvents(/^close/).sort(), [
    'close test.pass.mid',
    'close test.sink.out',
    'close test.source.in',
  ])
  tap.equal(supervisor.ledger.inFlight, 1, 'the line that the sink held is accounted for')
})

void t.test('a config with an error starts nothing', async (tap) => {
  const { graph, supervisor, load } = bench()
  const found = await load(`${CHAIN}\ntest.sink "bad" { fail = "create" }\ntest.sink "worse" { nope = 1 }`)
  tap.match(found, [/^1.alloy:9:19 it cannot be made/, /^1.alloy:10:21 unknown attribute "nope"/])
  tap.same(graph.drainEvents(/^start/), [])
  tap.same(supervisor.components(), [])
  await supervisor.stop()
})

void t.test('check builds and lets go, and starts nothing', async (tap) => {
  const { graph, supervisor, metrics, write } = bench()
  write(CHAIN)
  tap.same(await supervisor.check(), [])
  tap.same(graph.drainEvents(/^(start|close)/).sort(), [
    'close test.pass.mid',
    'close test.sink.out',
    'close test.source.in',
  ])
  tap.notMatch(await metrics.exposition(), /test_pass_total/)
})

void t.test('a reload touches only what has changed', async (tap) => {
  const { graph, supervisor, load } = bench()
  await load(CHAIN)
  graph.drainEvents()
  tap.same(await load(CHAIN), [])
  tap.same(graph.drainEvents(), [], 'nothing changed, nothing happens')
  await load(`// other comments\n${CHAIN}`)
  tap.same(graph.drainEvents(), [])
  await load(CHAIN.replace('{ }', '{ in_place = "+" }'))
  tap.same(graph.drainEvents(), ['create test.sink.out', 'update test.sink.out', 'close test.sink.out'])
  graph.send('test.source.in', 'a')
  await until(() => graph.taken.get('test.sink.out')!.length > 0)
  tap.same(graph.taken.get('test.sink.out'), ['a!+'], 'the running one has the new options')
  await load(CHAIN.replace('{ }', '{ anew = "x" }'))
  tap.same(graph.drainEvents(/sink/), [
    'create test.sink.out',
    'end test.sink.out',
    'close test.sink.out',
    'start test.sink.out',
  ])
  graph.send('test.source.in', 'b')
  await until(() => graph.taken.get('test.sink.out')!.length > 1)
  tap.same(graph.taken.get('test.sink.out'), ['a!+', 'b!'], 'the kept ones send to the new one')
  await supervisor.stop()
  tap.equal(supervisor.ledger.inFlight, 0)
})

void t.test('two neighbours are replaced without losing what the first one holds', async (tap) => {
  const { graph, supervisor, load } = bench()
  await load(CHAIN.replace('mark = "!"', 'hold = true'))
  graph.send('test.source.in', 'a')
  await turn()
  const loading = load(CHAIN.replace('{ }', '{ anew = "x" }'))
  graph.send('test.source.in', 'b')
  tap.same(await loading, [])
  await until(() => graph.taken.get('test.sink.out')!.length > 1)
  // Whether the second one comes before the change or after it is open.
  tap.same(
    graph.taken.get('test.sink.out')?.map((line) => line[0]),
    ['a', 'b'],
  )
  await supervisor.stop()
  tap.equal(supervisor.ledger.inFlight, 0)
})

void t.test('a reload does not wait for ever for a sink that cannot end', async (tap) => {
  const { graph, supervisor, load, time } = bench()
  await load(CHAIN.replace('{ }', '{ hold = true }'))
  graph.send('test.source.in', 'a')
  await turn()
  const loading = load(CHAIN.replace('{ }', '{ anew = "x" }'))
  await turn()
  let over = false
  void loading.then(() => (over = true))
  time.advance(14_999)
  await turn()
  tap.equal(over, false)
  time.advance(1)
  tap.same(await loading, [])
  graph.send('test.source.in', 'b')
  await until(() => graph.taken.get('test.sink.out')!.length > 0)
  tap.same(graph.taken.get('test.sink.out'), ['b!'])
  supervisor.drain(1)
  time.advance(1)
  await supervisor.stop()
})

void t.test('forward_to may change without touching the component', async (tap) => {
  const { graph, supervisor, load } = bench()
  await load(CHAIN)
  graph.drainEvents()
  const changed = CHAIN.replace('[test.sink.out.receiver]', '[test.sink.other.receiver]').replace(
    '"out"',
    '"other"',
  )
  tap.same(await load(changed), [])
  tap.same(graph.drainEvents(/pass|source/), [])
  graph.send('test.source.in', 'a')
  await until(() => (graph.taken.get('test.sink.other') ?? []).length > 0)
  tap.same([graph.taken.get('test.sink.out'), graph.taken.get('test.sink.other')], [[], ['a!']])
  await supervisor.stop()
})

void t.test('a broken reload changes nothing', async (tap) => {
  const { graph, supervisor, load } = bench()
  await load(CHAIN)
  graph.drainEvents()
  for (const broken of [
    'test.sink "out" {',
    CHAIN.replace('{ }', '{ fail = "create" }'),
    'test.sink "b" { x = y.z }',
  ]) {
    tap.ok((await load(broken)).length > 0)
    tap.same(graph.drainEvents(/^(start|stop|end|update)/), [])
  }
  graph.send('test.source.in', 'a')
  await until(() => graph.taken.get('test.sink.out')!.length > 0)
  tap.same(graph.taken.get('test.sink.out'), ['a!'])
  tap.equal(supervisor.components().length, 3)
  await supervisor.stop()
})

void t.test('removing a component takes its metrics with it', async (tap) => {
  const { graph, supervisor, metrics, load } = bench()
  await load(CHAIN)
  tap.match(await metrics.exposition(), /test_pass_total\{.*component_id="test.pass.mid"/)
  await load('test.sink "out" { }')
  tap.notMatch(await metrics.exposition(), /test_pass_total/)
  tap.ok(graph.drainEvents(/^close/).includes('close test.pass.mid'))
  await supervisor.stop()
})

void t.test('a first load in which a component cannot start leaves nothing running', async (tap) => {
  const { graph, supervisor, load } = bench()
  await tap.rejects(load(`${CHAIN}\ntest.sink "bad" { fail = "start" }`), {
    code: 'LISTEN',
    message: 'test.sink.bad cannot start: the port is taken',
  })
  tap.same(supervisor.components(), [])
  tap.same(graph.drainEvents(/^close/).length, 4)
  await supervisor.stop()
})

void t.test('a reload in which a component cannot start puts back what ran', async (tap) => {
  const { graph, supervisor, metrics, load } = bench()
  const before = `${CHAIN}\ntest.sink "gone" { anew = "before" }`
  await load(before)
  const { texts } = supervisor
  graph.drainEvents()
  const broken = CHAIN.replace('mark = "!"', 'mark = "?"')
    .replace('"out" { }', '"out" { in_place = "new" }')
    .concat('test.sink "bad" { fail = "start" }')
  await tap.rejects(load(broken), { message: /test\.sink\.bad cannot start/ })
  tap.equal(supervisor.texts, texts)
  tap.same(graph.drainEvents(/^(start|stop|update)/), [
    'update test.sink.out',
    'start test.pass.mid',
    'start test.sink.bad',
    'update test.sink.out',
    'start test.pass.mid',
    'start test.sink.gone',
  ])
  tap.same(
    supervisor.components().map(({ id, health }) => `${id} ${health.state}`),
    ['test.sink.out healthy', 'test.pass.mid healthy', 'test.source.in healthy', 'test.sink.gone healthy'],
  )
  graph.send('test.source.in', 'a')
  await until(() => graph.taken.get('test.sink.out')!.length > 0)
  tap.same(graph.taken.get('test.sink.out'), ['a!'], 'as the config from before says')
  tap.match(await metrics.exposition(), /^test_pass_total\{.*\} 1$/m, 'with its metrics')
  await load(before)
  tap.same(graph.drainEvents(/^(start|stop|update)/), [], 'and nothing is left to put right')
  await supervisor.stop()
  tap.equal(supervisor.ledger.inFlight, 0)
})

void t.test('lines wait while a reload fails, and none is lost', async (tap) => {
  const { graph, supervisor, load } = bench()
  await load(CHAIN)
  const refused = tap.rejects(load(CHAIN.replace('"out" { }', '"out" {\n fail = "start"\n anew = "x"\n}')), {
    code: 'LISTEN',
  })
  for (let i = 0; i < 20; i++) {
    graph.send('test.source.in', String(i))
    await turn()
  }
  await refused
  await until(() => graph.taken.get('test.sink.out')!.length >= 20)
  tap.same(
    graph.taken.get('test.sink.out'),
    Array.from({ length: 20 }, (_, i) => `${i}!`),
  )
  await supervisor.stop()
  tap.equal(supervisor.ledger.inFlight, 0)
})

void t.test('what cannot start again is dead, and a reload that mends it is taken', async (tap) => {
  const { graph, supervisor, load } = bench()
  await load('test.sink "a" { anew = "1" }\ntest.sink "b" { }')
  graph.failing.add('test.sink.a')
  await tap.rejects(load('test.sink "a" { anew = "2" }\ntest.sink "b" { }'), { code: 'LISTEN' })
  const health = () =>
    supervisor.components().map(({ id, health: { state, dead } }) => `${id} ${state} ${dead}`)
  tap.same(health(), ['test.sink.a unhealthy true', 'test.sink.b healthy false'])
  graph.failing.clear()
  tap.same(await load('test.sink "a" { anew = "1" }\ntest.sink "b" { }'), [])
  tap.same(health(), ['test.sink.a healthy false', 'test.sink.b healthy false'], 'with equal arguments too')
  await supervisor.stop()
})

const VALUE = `
test.value "v" { value = "x" }
test.sink "user" { in_place = test.value.v.double }
test.sink "other" { }
`

void t.test('a changed export is taken to those that refer to it', async (tap) => {
  const { graph, supervisor, load, time, write } = bench()
  await load(VALUE)
  const shown = (): unknown => supervisor.components().find(({ id }) => id === 'test.sink.user')?.status
  tap.same(shown(), { in_place: 'xx' })
  graph.drainEvents()
  write('this is { being edited')
  graph.contexts.get('test.value.v')!.export(valueExports('y'))
  graph.contexts.get('test.value.v')!.export(valueExports('z'))
  time.advance(0)
  await until(() => JSON.stringify(shown()) !== JSON.stringify({ in_place: 'xx' }))
  tap.same(shown(), { in_place: 'zz' }, 'with the config that runs, not with the one that is being edited')
  tap.same(graph.drainEvents(/^(start|end|stop)|other/), [])
  await load(VALUE)
  tap.same(shown(), { in_place: 'zz' }, 'a reload keeps what a running component exports')
  await supervisor.stop()
})

void t.test('a rebuilt component brings its new exports', async (tap) => {
  const { supervisor, load } = bench()
  await load(VALUE)
  await load(VALUE.replace('"x"', '"n"'))
  tap.same(supervisor.components().find(({ id }) => id === 'test.sink.user')?.status, { in_place: 'nn' })
  await supervisor.stop()
})

void t.test('the files of a folder are one config; each mistake is shown in its own file', async (tap) => {
  const { supervisor, load, write } = bench()
  write('test.source "in" { forward_to = [test.sink.out.receiver] }', 'test.sink "out" { }\n')
  tap.same(await load(), [])
  tap.equal(supervisor.components().length, 2)
  write('test.sink "a" { }', '// nothing', 'test.sink "b" {\n  nope = 1\n}', 'test.sink "a" { }')
  tap.match(await load(), [/^3.alloy:2:3 unknown attribute/, /^4.alloy:1:1 .*already declared/])
  write('test.sink "a" { }', 'test.sink "b" {', 'test.sink {')
  tap.match(await load(), [/^2.alloy:/, /^3.alloy:/], 'syntax errors too')
  await supervisor.stop()
})

void t.test('sources that end by themselves', async (tap) => {
  const { graph, supervisor, load } = bench()
  await load(CHAIN)
  let ended = false
  const done = supervisor.sourcesEnded().then(() => (ended = true))
  await turn()
  tap.equal(ended, false)
  graph.send('test.source.in', 'a')
  await supervisor.stop()
  await done
  tap.same(graph.taken.get('test.sink.out'), ['a!'])
})

void t.test('watching what goes into a component', async (tap) => {
  const { graph, supervisor, load } = bench()
  await load(CHAIN)
  const seen: string[] = []
  const release = supervisor.watch('test.pass.mid', (batch) =>
    seen.push(...batch.peek().map(({ line }) => line)),
  )
  graph.send('test.source.in', 'a')
  await until(() => graph.taken.get('test.sink.out')!.length > 0)
  release()
  graph.send('test.source.in', 'b')
  await until(() => graph.taken.get('test.sink.out')!.length > 1)
  tap.same(seen, ['a'])
  await supervisor.stop()
})

void t.test('the account is in the metrics', async (tap) => {
  const { graph, supervisor, metrics, load } = bench()
  await load(CHAIN)
  graph.send('test.source.in', 'a')
  await until(() => graph.taken.get('test.sink.out')!.length > 0)
  const text = await metrics.exposition()
  tap.match(text, /^logstream_units_total\{state="delivered",reason=""\} 1$/m)
  tap.match(text, /^logstream_units_read_total 1$/m)
  tap.match(text, /^logstream_units_in_flight 0$/m)
  await supervisor.stop()
})

void t.test('a sink that breaks makes its component unhealthy', async (tap) => {
  const { graph, supervisor, load, time } = bench()
  await load(CHAIN.replace('{ }', '{ fail = "write" }'))
  graph.send('test.source.in', 'a')
  const health = (): string | undefined =>
    supervisor.components().find(({ id }) => id === 'test.sink.out')?.health.message
  await until(() => health() !== '')
  tap.equal(health(), 'the sink broke')
  supervisor.drain(1)
  time.advance(1)
  await supervisor.stop()
})
