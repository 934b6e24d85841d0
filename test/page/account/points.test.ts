import t from 'tap'
import { levelOf, rateOf, sumOf } from '../../../page/account/points.ts'
import type { RecordedSeries } from '../../../lib/telemetry/history.ts'

const series = (values: RecordedSeries['values']): RecordedSeries => ({
  name: 'x',
  type: 'counter',
  labels: {},
  values,
})

void t.test('rates and levels, with gaps and counters that begin anew', (tap) => {
  const times = [0, 1000, 3000, 4000, 5000]
  tap.same(rateOf(times, [0, 10, 50, 5, 6]), [
    [1, '10'],
    [3, '20'],
    [5, '1'],
  ])
  tap.same(rateOf(times, [null, 10, null, 5, 6]), [[5, '1']])
  tap.same(levelOf(times, [null, 10, null, 5, 6]), [
    [1, '10'],
    [4, '5'],
    [5, '6'],
  ])
  tap.same(sumOf([series([1, null, 3]), series([1, null, null])]), [2, null, 3])
  tap.same(sumOf([]), [])
  tap.end()
})
