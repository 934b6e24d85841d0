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
  const twoLines = store([[{ app: 'a\nb' }, { 100: 'x' }]])
  tap.same(
    await instant(twoLines, 'label_replace(count_over_time({app!=""}[1m]), "n", "x", "app", "a.b")', 110),
    { '{"app":"a\\nb"}': '1' },
    'a dot matches no line end',
  )
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

void t.test(
  'a parser already asks the filter on a label that it finds, unless it knows what to group by',
  async (tap) => {
    const query = (grouping: string): string =>
      `sum ${grouping} (count_over_time({host="h1"} | logfmt | __error__="" | v > 0 [2m]))`
    tap.same(await instant(querier, query(''), 170), { '{}': '2' })
    await tap.rejects(instant(querier, query('by (app)'), 170), /pipeline error: 'LabelFilterErr'/)
    const values = store([[{ host: 'h1' }, { 100: 'w=1 v=x', 110: 'w=2 v=3' }]])
    const sumOf = (filters: string): string =>
      `sum_over_time({host="h1"} | logfmt | __error__="" | unwrap w ${filters} [2m])`
    tap.same(await instant(values, sumOf('| v > 0'), 120), { '{"host":"h1","v":"3"}': '2' })
    await tap.rejects(instant(values, sumOf('| v > 0 | v < 9'), 120), /pipeline error: 'LabelFilterErr'/)
  },
)

void t.test('details of an error that was dropped are left where nothing is grouped', async (tap) => {
  const broken = store([[{ app: 'a' }, { 100: '{"v":"1","w":' }]])
  const parsed = '{app="a"} | json | drop __error__'
  const details = `{"__error_details__":"Malformed JSON error","app":"a","v":"1"}`
  tap.same(await instant(broken, `count_over_time(${parsed} [1m])`, 110), { [details]: '1' })
  tap.same(await instant(broken, `sum_over_time(${parsed} | unwrap v [1m])`, 110), { '{"app":"a"}': '1' })
})
