import fc from 'fast-check'
import t from 'tap'
import { bucketsOf, fallen, quantile, quantileOver } from '../../../page/account/histogram.ts'

const series = (le: string, values: (number | null)[]) => ({
  name: 'x_bucket',
  type: 'histogram' as const,
  labels: { le },
  values,
})

void t.test('values by bucket, between two readings', (tap) => {
  const buckets = bucketsOf([
    series('+Inf', [10, 30, 5]),
    series('10', [6, 16, 2]),
    series('5', [4, 10, null]),
  ])
  tap.same(buckets.bounds, [5, 10, Infinity])
  tap.same(fallen(buckets, 0, 1), [6, 4, 10])
  tap.same(fallen(buckets, 1, 2), [0, 2, 3], 'counts that began anew')
  tap.end()
})

void t.test('quantiles in a straight line within their bucket', (tap) => {
  const bounds = [100, 200, Infinity]
  tap.equal(quantile(bounds, [10, 10, 0], 0.5), 100)
  tap.equal(quantile(bounds, [10, 10, 0], 0.75), 150)
  tap.equal(quantile(bounds, [0, 0, 4], 0.5), 200, 'no further than the last bound')
  tap.equal(quantile(bounds, [0, 0, 0], 0.5), undefined)
  tap.same(quantileOver(bucketsOf([series('100', [0, 4]), series('+Inf', [0, 4])]), [1000, 2000], 0.5), [
    [2, '50'],
  ])
  fc.assert(
    fc.property(
      fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (counts, a, b) => {
        const [low, high] = [
          quantile(bounds, counts, Math.min(a, b)),
          quantile(bounds, counts, Math.max(a, b)),
        ]
        return low === undefined ? high === undefined : low <= high! && low >= 0 && high! <= 200
      },
    ),
  )
  tap.end()
})
