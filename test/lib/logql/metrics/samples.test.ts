import t from 'tap'
import type { RangeAggregation } from '../../../../lib/logql/syntax/ast.ts'
import { Budget, defaultLimits } from '../../../../lib/logql/engine/budget.ts'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'
import { groupingOf, readSamples } from '../../../../lib/logql/metrics/samples.ts'
import { SeriesTable } from '../../../../lib/logql/metrics/windowed-series.ts'
import { store } from '../../../support/logql-lines.ts'
import { NO_WINDOWS, samplesOf } from '../../../support/series-samples.ts'

const range = (query: string): RangeAggregation => parseExpression(query) as RangeAggregation

void t.test('groupings', (tap) => {
  const by = { without: false, labels: ['x'] }
  const none = { without: false, labels: [] }
  for (const [query, outer, expected] of [
    ['rate({a="b"}[1m])', undefined, { labels: [], without: false, noLabels: false }],
    ['rate({a="b"}[1m])', by, { labels: ['x'], without: false, noLabels: false }],
    ['rate({a="b"}[1m])', none, { labels: [], without: false, noLabels: true }],
    ['absent_over_time({a="b"}[1m])', undefined, { labels: [], without: false, noLabels: true }],
    ['max_over_time({a="b"} | unwrap v [1m])', by, { labels: ['v'], without: true, noLabels: false }],
    ['max_over_time({a="b"} | unwrap v [1m]) by (y)', by, { labels: ['y'], without: false, noLabels: false }],
    [
      'max_over_time({a="b"} | unwrap v [1m]) without (y)',
      undefined,
      { labels: ['y', 'v'], without: true, noLabels: false },
    ],
    ['sum_over_time({a="b"} | unwrap v [1m])', none, { labels: ['v'], without: true, noLabels: true }],
  ] as const)
    tap.same(groupingOf(range(query), outer), expected, query)
  tap.end()
})

void t.test('samples of series, with times from the first step', async (tap) => {
  const querier = store([
    [
      { a: 'b', pod: '1' },
      { 90: 'v=1ms w=x', 100: 'v=2s w=x', 110: 'v=bad w=x', 111: 'w=x' },
    ],
    [{ a: 'b', pod: '2' }, { 100: 'v=3m w=x' }],
  ])
  const read = async (query: string): Promise<unknown> => {
    const steps = { start: 100_000_000_000n, end: 110_000_000_000n, step: 10_000_000_000n }
    const table = new SeriesTable(NO_WINDOWS)
    await readSamples({ querier, steps, budget: new Budget(defaultLimits) }, range(query), undefined, table)
    return table.all.map((series) => samplesOf(series))
  }
  tap.same(
    await read(
      'sum_over_time({a="b"} | logfmt | unwrap duration(v) | __error__="" [10s]) by (w)'.replace(
        'sum',
        'max',
      ),
    ),
    [[{ w: 'x' }, [-10e9, 0, 0], [0.001, 2, 180]]],
  )
  tap.same(await read('sum_over_time({a="b", pod="1"} | logfmt | drop w | unwrap bytes(v) [1s])'), [
    [
      {
        a: 'b',
        pod: '1',
        v: '2s',
        __error__: 'SampleExtractionErr',
        __error_details__: 'unhandled size name: s',
      },
      [0],
      [0],
    ],
    [
      {
        a: 'b',
        pod: '1',
        v: 'bad',
        __error__: 'SampleExtractionErr',
        __error_details__: 'strconv.ParseFloat: parsing "": invalid syntax',
      },
      [10e9],
      [0],
    ],
  ])
  tap.same(await read('bytes_over_time({a="b", pod="2"}[5s])'), [[{ a: 'b', pod: '2' }, [0], [8]]])
  tap.same(await read('count_over_time({a="b", pod="2"}[5s] offset -10s)'), [])
  tap.match(querier.lastSelection, { from: { seconds: 105 }, to: { seconds: 120, nanos: 1 } })
})
