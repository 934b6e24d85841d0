import t from 'tap'
import { stepCount } from '../../../../lib/logql/metrics/metric.ts'
import { instant, ranged, store } from '../../../support/logql-lines.ts'

const querier = store([
  [
    { app: 'a', host: 'h1' },
    { 100: 'v=1', 110: 'v=2', 160: 'v=x' },
  ],
  [{ app: 'a', host: 'h2' }, { 100: 'v=5' }],
])

void t.test('steps', (tap) => {
  tap.equal(stepCount({ start: 0n, end: 100n, step: 10n }), 11)
  tap.equal(stepCount({ start: 5n, end: 5n, step: 0n }), 1)
  tap.end()
})

void t.test('windows are open at their start and closed at their end', async (tap) => {
  tap.same(await instant(querier, 'sum(count_over_time({app="a"}[10s]))', 110), { '{}': '1' })
  tap.same(await instant(querier, 'sum(count_over_time({app="a"}[11s]))', 110), { '{}': '3' })
  tap.same(await instant(querier, 'sum(count_over_time({app="a"}[11s] offset 1m))', 170), { '{}': '3' })
  tap.same(await instant(querier, 'sum(count_over_time({app="a"}[11s] offset -1m))', 50), { '{}': '3' })
  tap.same(await instant(querier, 'sum(count_over_time({app="a"}[0s]))', 110), {})
})

void t.test('a window slides, or jumps', async (tap) => {
  const values = async (query: string, times: readonly [number, number, number]): Promise<unknown> => {
    const data = await ranged(querier, query, times)
    return data.resultType === 'matrix' && data.result.map((series) => series.values)
  }
  tap.same(await values('sum(count_over_time({app="a"}[20s]))', [100, 130, 10]), [
    [
      [100, '2'],
      [110, '3'],
      [120, '1'],
    ],
  ])
  tap.same(await values('sum(count_over_time({app="a"}[5s]))', [100, 160, 20]), [
    [
      [100, '2'],
      [160, '1'],
    ],
  ])
})

void t.test('absent_over_time', async (tap) => {
  const none = 'absent_over_time({app="none", host=~"h.", app!="x", env="p"}[1m])'
  tap.same(await instant(querier, none, 110), { '{"env":"p"}': '1' })
  tap.same(await instant(querier, 'absent_over_time({app="a"}[1m])', 110), {})
})

void t.test('label_replace', async (tap) => {
  const inner = 'sum by (host) (count_over_time({app="a"}[1m]))'
  for (const [args, expected] of [
    ['"n", "x-$1", "host", "h(.)"', { '{"host":"h1","n":"x-1"}': '2', '{"host":"h2","n":"x-2"}': '1' }],
    ['"n", "x", "host", "(.)"', { '{"host":"h1"}': '2', '{"host":"h2"}': '1' }],
    ['"host", "", "host", "h1"', { '{"host":"h2"}': '1', '{}': '2' }],
    ['"n", "$0", "none", ".*"', { '{"host":"h1"}': '2', '{"host":"h2"}': '1' }],
  ] as const)
    tap.same(await instant(querier, `label_replace(${inner}, ${args})`, 120), expected, args)
})

void t.test('a sample with an error fails the query, unless it is asked for', async (tap) => {
  const inner = (filter: string): string => `sum_over_time({host="h1"} | logfmt | unwrap v ${filter} [2m])`
  await tap.rejects(instant(querier, inner(''), 170), /pipeline error: 'SampleExtractionErr'/)
  tap.same(await instant(querier, inner('| __error__=""'), 170), { '{"app":"a","host":"h1"}': '3' })
  tap.same(
    await instant(querier, inner(''), 150),
    { '{"app":"a","host":"h1"}': '3' },
    'it is not in this window',
  )
})
