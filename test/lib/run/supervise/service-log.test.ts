import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { diskFiles } from '../../../../lib/run/modules/config-files.ts'
import { serviceLog, type ServiceLog } from '../../../../lib/run/supervise/service-log.ts'
import { Supervisor } from '../../../../lib/run/supervise/supervisor.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'
import { FakeGraph } from '../../../support/fake-graph.ts'

interface Bench {
  readonly supervisor: Supervisor
  readonly service: ServiceLog
  readonly graph: FakeGraph
  readonly written: string[]
  /** What the loki.echo-like sink `out` has got, without times. */
  readonly taken: () => string[]
  readonly load: (text: string) => Promise<void>
}

function bench(): Bench {
  const graph = new FakeGraph()
  const metrics = Metrics.create()
  const written: string[] = []
  let text = ''
  const service = serviceLog({
    write: (line) => written.push(withoutTime(line)),
    metrics,
    edges: () => new Map(supervisor.details().map(({ fullId, forwardTo }) => [fullId, forwardTo])),
  })
  const supervisor = new Supervisor({
    config: () => [{ source: { name: 'c.alloy', text }, modulePath: '/' }],
    files: diskFiles,
    log: service.log,
    metrics,
    stability: 'generally-available',
    stdlib: new Map(),
    storagePath: undefined,
    substitutes: graph.definitions,
    onSettings: (blocks) => service.apply(blocks.get('logging')),
  })
  return {
    supervisor,
    service,
    graph,
    written,
    taken: () => (graph.taken.get('test.sink.out') ?? []).map(withoutTime),
    load: async (given) => {
      text = given
      if ((await supervisor.load()).length > 0) throw new Error('a bad config')
    },
  }
}

const withoutTime = (line: string): string => line.replace(/^ts=\S+ |"ts":"[^"]*",/, '')

const sinks = `
test.pass "on" { forward_to = [test.sink.out.receiver] }
test.sink "out" { }
`

void t.test('level and format follow the config, and its removal', async (tap) => {
  const { service, written, load } = bench()
  service.log.info('at the start')
  await load('logging {\n  level = "debug"\n  format = "json"\n}')
  service.log.debug('in detail')
  await load('')
  service.log.debug('no more')
  service.log.info('as before')
  await load('logging {\n  level = ""\n  format = ""\n}')
  service.log.info('defaults')
  tap.same(written, [
    'level=info msg="at the start"',
    '{"level":"debug","msg":"in detail"}',
    'level=info msg="as before"',
    'level=info msg=defaults',
  ])
  tap.same(service.recent.all().map(withoutTime), written)
})

void t.test('lines go where the config says, until the end', async (tap) => {
  const { supervisor, service, graph, written, taken, load } = bench()
  await load(`logging { write_to = [test.pass.on.receiver] }${sinks}`)
  service.log.info('one')
  graph.contexts.get('test.sink.out')!.log.error('about the way itself')
  await turn()
  await turn()
  tap.same(taken(), ['level=info msg=one'])
  tap.equal(supervisor.ledger.read, 0, 'own lines are not in the account')
  await load(sinks)
  service.log.info('two')
  await turn()
  tap.equal(taken().length, 1)
  await load(`logging { write_to = [test.pass.on.receiver] }${sinks}`)
  service.stop()
  service.log.info('three')
  await supervisor.stop()
  tap.equal(taken().length, 1)
  tap.equal(written.length, 4)
})
