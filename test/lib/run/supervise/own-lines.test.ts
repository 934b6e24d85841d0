import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { Receiver } from '../../../../lib/component/component.ts'
import { OwnLines } from '../../../../lib/run/supervise/own-lines.ts'
import { createLogger, type Logger } from '../../../../lib/telemetry/log.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'

interface Bench {
  readonly own: OwnLines
  readonly log: Logger
  readonly lost: () => number
  /** Lines by receiver, and the labels of all. */
  readonly taken: Map<string, string[]>
  readonly receiver: (id: string, room?: Promise<void>) => Receiver
}

function bench(edges: Readonly<Record<string, readonly string[]>> = {}): Bench {
  const metrics = Metrics.create()
  const own = new OwnLines({ metrics, edges: () => new Map(Object.entries(edges)) })
  const log = createLogger({ level: 'debug', format: 'logfmt' }, (line, _level, fields) =>
    own.add(line, fields),
  )
  const taken = new Map<string, string[]>()
  return {
    own,
    log,
    taken,
    lost: () => metrics.counter('logstream_own_log_lines_lost_total', '').value,
    receiver: (id, room) => ({
      id,
      send: (batch) => {
        const lines = batch.take().map(({ line, labels, seconds, nanos, ack }) => {
          ack.settle({ state: 'delivered', reason: '', rank: 0 })
          return `${labels.text} ${seconds > 1.5e9 && nanos >= 0} ${line.replace(/^ts=\S+ /, '')}`
        })
        taken.set(id, [...(taken.get(id) ?? []), ...lines])
        // What goes wrong while sending is reported as well.
        log.error('said while sending')
        return room
      },
    }),
  }
}

void t.test('lines reach every receiver with their label', async (tap) => {
  const { own, log, taken, receiver, lost } = bench()
  log.info('before there was anybody')
  own.receivers = [receiver('loki.write.a'), receiver('loki.write.b')]
  log.info('one')
  log.with({ component_path: '/', component_id: 'loki.source.file.x' }).warn('two')
  tap.equal(taken.size, 0, 'logging does not wait for it')
  await turn()
  const both = [
    '{component="alloy"} true level=info msg=one',
    '{component="alloy"} true level=warn msg=two component_path=/ component_id=loki.source.file.x',
  ]
  tap.same(
    taken,
    new Map([
      ['loki.write.a', both],
      ['loki.write.b', both],
    ]),
  )
  await turn()
  tap.same(taken.get('loki.write.a')!.length, 2, 'no line about the sending of lines')
  tap.equal(lost(), 0)
  own.receivers = []
  log.info('after')
  await turn()
  tap.same(taken.get('loki.write.a')!.length, 2)
})

void t.test('what lines pass through is not reported the same way', async (tap) => {
  const { own, log, taken, receiver } = bench({
    'm.x/loki.process.p': ['loki.write.a'],
    'loki.write.a': [],
    'loki.source.file.x': ['m.x/loki.process.p'],
  })
  own.receivers = [receiver('m.x/loki.process.p')]
  log.with({ component_path: '/m.x', component_id: 'loki.process.p' }).error('a stage failed')
  log.with({ component_path: '/', component_id: 'loki.write.a' }).error('Loki refused')
  log.error('component failed', { component: 'loki.write.a' })
  log.with({ component_path: '/', component_id: 'loki.process.p' }).error('another one of that name')
  log.with({ component_path: '/', component_id: 'loki.source.file.x' }).error('cannot read')
  await turn()
  tap.same(
    taken.get('m.x/loki.process.p')!.map((line) => /msg="([^"]*)"/.exec(line)![1]),
    ['another one of that name', 'cannot read'],
  )
})

void t.test('a receiver that has no room loses lines, the others do not', async (tap) => {
  const { own, log, taken, receiver, lost } = bench()
  let free = (): void => {}
  const destroyed: Receiver = {
    id: 'gone',
    send: async () => await Promise.reject(new Error('destroyed')),
  }
  const room = new Promise<void>((resolve) => (free = resolve))
  own.receivers = [receiver('slow', room), receiver('fast'), destroyed]
  for (const line of ['a', 'b', 'c']) {
    log.info(line)
    await turn()
  }
  tap.equal(taken.get('slow')!.length, 1)
  tap.equal(taken.get('fast')!.length, 3)
  tap.equal(lost(), 2)
  free()
  await turn()
  log.info('d')
  await turn()
  tap.equal(taken.get('slow')!.length, 2)
  tap.equal(lost(), 2)
})

void t.test('a flood in one turn is cut', async (tap) => {
  const { own, log, taken, receiver, lost } = bench()
  own.receivers = [receiver('a')]
  for (let i = 0; i < 1500; i++) log.info(`${i}`)
  await turn()
  tap.equal(taken.get('a')!.length, 1000)
  tap.equal(lost(), 500)
})
