import fc from 'fast-check'
import t from 'tap'
import { seriesLabels } from '../../../../lib/logql/metrics/series-labels.ts'
import { SeriesTable, type Windows } from '../../../../lib/logql/metrics/windowed-series.ts'

/** What lies in a window, as text. */
const aggregate: Windows['aggregate'] = ({ times, values, from, to, end }) =>
  [...times.subarray(from, to), ...values.subarray(from, to), end].reduce((sum, each) => sum * 31 + each, 7)

const labels = seriesLabels([['a', 'b']])

function results(windows: Windows, samples: readonly (readonly [number, number])[]): (number | undefined)[] {
  const table = new SeriesTable(windows)
  const series = table.of(labels)
  for (const [time, value] of samples) series.add(time, value)
  series.end()
  return Array.from({ length: windows.count }, (_, step) => series.resultOf(step))
}

void t.test('every window has the samples after its start, up to its end', (tap) => {
  const window = fc.record({
    interval: fc.integer({ min: 1, max: 40 }),
    step: fc.integer({ min: 1, max: 40 }),
    count: fc.integer({ min: 1, max: 20 }),
  })
  const gaps = fc.array(fc.tuple(fc.nat(30), fc.nat(100)), { maxLength: 100 })
  fc.assert(
    fc.property(window, gaps, ({ interval, step, count }, all) => {
      let time = -interval
      const samples = all
        .map(([gap, value]) => [(time += gap), value] as const)
        .filter(([at]) => at <= (count - 1) * step)
      const expected = Array.from({ length: count }, (_, i) => {
        const end = i * step
        const inside = samples.filter(([at]) => at > end - interval && at <= end)
        if (inside.length === 0) return undefined
        const [times, values] = [inside.map(([at]) => at), inside.map(([, value]) => value)]
        return aggregate({
          times: Float64Array.from(times),
          values: Float64Array.from(values),
          ...{ from: 0, to: inside.length, end },
        })
      })
      tap.same(results({ interval, step, count, aggregate }, samples), expected)
    }),
  )
  tap.end()
})

void t.test('one window at one time', (tap) => {
  const windows = {
    interval: 10,
    step: 0,
    count: 1,
    aggregate: ({ from, to }) => to - from,
  } satisfies Windows
  tap.same(
    results(windows, [
      [-10, 1],
      [-9, 2],
      [0, 3],
    ]),
    [2],
  )
  tap.same(results(windows, [[-10, 1]]), [undefined])
  tap.same(results(windows, []), [undefined])
  tap.end()
})

void t.test('samples before the window at hand are forgotten', (tap) => {
  const windows: Windows = {
    ...{ interval: 100, step: 50, count: 10_000 },
    aggregate: ({ from, to }) => to - from,
  }
  const series = new SeriesTable(windows).of(labels)
  for (let time = -99; time <= 9_999 * 50; time++) series.add(time, 1)
  series.end()
  tap.ok(series.times.length <= 512, `${series.times.length} at most`)
  for (let step = 0; step < windows.count; step++)
    if (series.resultOf(step) !== 100) tap.fail(`window ${step} has another count`)
  // Windows may be far apart.
  const sparse = new SeriesTable({ ...windows, step: 100_000, count: 10 }).of(labels)
  for (let time = -99; time <= 900_000; time++) sparse.add(time, 1)
  tap.ok(sparse.times.length <= 512, `${sparse.times.length} between windows that are far apart`)
  tap.end()
})
