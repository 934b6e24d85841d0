import t from 'tap'
import { decodeInput } from '../../lib/component/decode.ts'
import { createStage } from '../../lib/component/stage.ts'
import { metrics } from '../../transforms/metrics.ts'
import { recordedCases } from '../support/stage-cases.ts'
import { Bench, refusal } from '../support/stage-run.ts'

void t.test('recorded cases', async (t) => {
  await recordedCases(t, 'metrics')
})

type Metric = NonNullable<Parameters<typeof metrics>[0]['metric']>[number]

const lines = (options: object = {}): Metric => ({
  variant: 'counter',
  options: { name: 'n', match_all: true, action: 'inc', ...options },
})

void t.test('a series that nothing changed is shown once more, then gone', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(metrics, { metric: [lines({ max_idle_duration: '10s' })] })
  await stage.run([bench.entry('', { app: 'a' })])
  bench.clock.advance(5000)
  await stage.run([bench.entry('', { app: 'b' })])
  bench.clock.advance(5000)
  t.match(bench.metrics(), /app="a"[^]*app="b"/)
  t.notMatch(bench.metrics(), /app="a"/)
  t.match(bench.metrics(), /app="b"/)
  await stage.run([bench.entry('', { app: 'a' })])
  t.match(bench.metrics(), /\{app="a"\} 1/, 'it starts anew')
})

void t.test('sets that differ only in internal labels are one series', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(metrics, { metric: [lines()] })
  await stage.run([
    bench.entry('', { app: 'a', __tenant_id__: 't1' }),
    bench.entry('', { app: 'a', __tenant_id__: 't2' }),
    bench.entry('', { app: 'a' }),
  ])
  t.match(bench.metrics(), /\nloki_process_custom_n\{app="a"\} 3\n$/)
})

void t.test('negative values do not go into a counter; they are counted', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(metrics, {
    metric: [{ variant: 'counter', options: { name: 'v', action: 'add' } }],
  })
  await stage.run(['5', '-3', '2'].map((v) => bench.entry('', { v })))
  const text = bench.metrics()
  t.match(text, /logstream_metrics_negative_values_total\{metric="loki_process_custom_v"\} 1/)
  t.match(text, /loki_process_custom_v\{v="5"\} 5/)
  t.notMatch(text, /v="-3"/)
})

void t.test('many label sets are counted exactly', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(metrics, { metric: [lines()] })
  for (let round = 0; round < 2; round++)
    for (let i = 0; i < 20_000; i++) await stage.run([bench.entry('', { i: String(i) })])
  const samples = bench.ctx.metrics.snapshot()[0]!.samples
  t.equal(samples.length, 20_000)
  t.ok(samples.every(({ value }) => value === 2))
})

void t.test('closing takes the metrics back', async (t) => {
  const bench = new Bench()
  const stage = bench.stage(metrics, { metric: [lines()] })
  await stage.run([bench.entry('')])
  t.not(bench.metrics(), '')
  stage.close?.()
  t.equal(bench.metrics(), '')
})

void t.test('refusals name the option', (t) => {
  const bench = new Bench()
  const made = (metric: Metric) => (): unknown => bench.stage(metrics, { metric: [metric] })
  t.equal(refusal(made(lines({ max_idle_duration: '999ms' }))), 'BAD_ARGUMENT max_idle_duration')
  t.equal(
    refusal(made({ variant: 'histogram', options: { name: 'h', buckets: [1, 3, 2] } })),
    'BAD_ARGUMENT buckets',
  )
  t.equal(
    refusal(made({ variant: 'histogram', options: { name: 'h', buckets: [1, 1] } })),
    'BAD_ARGUMENT buckets',
  )
  t.end()
})

void t.test('a label that holds ids cannot fill the memory', (t) => {
  const told: unknown[] = []
  const bench = new Bench()
  const ctx = { ...bench.ctx, log: { ...bench.ctx.log, warn: (...line: unknown[]) => void told.push(line) } }
  const count = {
    variant: 'counter',
    options: { name: 'lines_total', match_all: true, action: 'inc' },
  } as const
  const stage = createStage(
    metrics.definition,
    decodeInput('stage.metrics', metrics.definition.fields, { metric: [count] }),
    ctx,
  )
  for (let i = 0; i < 20_100; i++) void stage.run([bench.entry('x', { user: String(i) })])
  t.match(told, [[/lines_total has 20000 series/, { label: 'user', values: 20_000 }]])
  t.match(
    bench.metrics(),
    /^logstream_metrics_over_limit_total\{metric="loki_process_custom_lines_total"\} 100$/m,
  )
  t.equal(bench.metrics().match(/^loki_process_custom_lines_total/gm)?.length, 20_000)
  t.end()
})
