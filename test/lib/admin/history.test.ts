import t from 'tap'
import { historyRoute, keepHistory, readingsOf } from '../../../lib/admin/history.ts'
import type { MetricHistory } from '../../../lib/page/history.ts'
import { History } from '../../../lib/telemetry/history.ts'
import { Metrics, type Sample } from '../../../lib/telemetry/metrics.ts'
import { answerTo, httpRequest } from '../../support/http-request.ts'
import { StepClock } from '../../support/step-clock.ts'

function someMetrics(): Metrics {
  const metrics = Metrics.create()
  const own = metrics.with({ component_id: 'loki.process.p', component_path: '/' })
  own.counter('logstream_stage_entries_in_total', 'In.', { stage: '0.json' }).value = 7
  own.counter('loki_write_sent_bytes_total', 'Not drawn.').value = 1
  metrics.counter('logstream_units_read_total', 'Read.').value = 9
  own.collect(
    'payment_latency',
    'histogram',
    'Of the config.',
    (): Sample[] =>
      ['a', 'b'].flatMap((method): Sample[] => [
        { name: 'payment_latency_bucket', labels: { method, le: '5' }, value: 1 },
        { name: 'payment_latency_bucket', labels: { method, le: '+Inf' }, value: 3 },
        { name: 'payment_latency_sum', labels: { method }, value: 30 },
      ]),
    true,
  )
  return metrics
}

void t.test('what is recorded: the account, then metrics of the config, then stages', (tap) => {
  const component = { component_id: 'loki.process.p', component_path: '/' }
  tap.same(
    readingsOf(someMetrics()).map(({ name, labels, value }) => [name, labels, value]),
    [
      ['logstream_units_read_total', {}, 9],
      ['payment_latency_bucket', { ...component, le: '5' }, 2],
      ['payment_latency_bucket', { ...component, le: '+Inf' }, 6],
      ['payment_latency_sum', component, 60],
      ['logstream_stage_entries_in_total', { ...component, stage: '0.json' }, 7],
    ],
    'label sets of a histogram are added up',
  )
  tap.end()
})

void t.test('a reading every 15 s, until it ends', async (tap) => {
  const clock = new StepClock()
  const history = new History()
  const start = clock.now()
  // A busy machine takes long for the first reading, after which the next would come later.
  const end = keepHistory(history, someMetrics(), clock, () => 0)
  clock.advance(15_000)
  clock.advance(15_000)
  const ask = async (query: string): Promise<MetricHistory> => {
    const { handle } = historyRoute(history, '/')
    const answer = await answerTo(handle, httpRequest({ query: new URLSearchParams(query) }))
    return JSON.parse(String(answer!.body)) as MetricHistory
  }
  tap.same((await ask('')).times, [start, start + 15_000, start + 30_000])
  tap.same((await ask(`since=${start + 1}`)).times, [start + 15_000, start + 30_000])
  tap.same(
    (await ask('of=stages')).series.map(({ name }) => name),
    ['logstream_stage_entries_in_total'],
  )
  tap.notOk((await ask('')).series.some(({ name }) => name.startsWith('logstream_stage_')))
  end()
  clock.advance(60_000)
  tap.equal((await ask('')).times.length, 3)
})
