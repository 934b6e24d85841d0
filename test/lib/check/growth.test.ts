import fc from 'fast-check'
import t from 'tap'
import { entriesUntil, growthOf } from '../../../lib/check/growth.ts'

/** At which entry each value came first. */
function firstSeen(values: readonly unknown[]): number[] {
  const seen = new Map<unknown, number>()
  values.forEach((value, i) => seen.has(value) || seen.set(value, i + 1))
  return [...seen.values()]
}

const sequence = (count: number, value: (i: number) => unknown): number[] =>
  firstSeen(Array.from({ length: count }, (_, i) => value(i)))

void t.test('ids grow, levels and hosts do not', (tap) => {
  tap.match(
    growthOf(
      sequence(1000, (i) => i),
      1000,
    ),
    { distinct: 1000, late: 500, exponent: 1, grows: true },
  )
  tap.match(
    growthOf(
      sequence(1000, (i) => i % 4),
      1000,
    ),
    { distinct: 4, late: 0, exponent: 0, grows: false },
  )
  // A minute as a label: few values, and always new ones.
  tap.equal(
    growthOf(
      sequence(3000, (i) => Math.floor(i / 60)),
      3000,
    ).grows,
    true,
  )
  // 40 hosts at random in 200 lines: not all seen by half.
  let state = 1
  const random = (): number => (state = (state * 48_271) % 2_147_483_647)
  const hosts = growthOf(
    sequence(200, () => random() % 40),
    200,
  )
  tap.equal(hosts.grows, false)
  tap.equal(growthOf([], 0).grows, false)
  tap.equal(growthOf([1, 2, 3], 3).grows, false, 'too few to say')
  tap.end()
})

void t.test('when a growing set reaches a number', (tap) => {
  const ids = growthOf(
    sequence(1000, (i) => i),
    1000,
  )
  tap.equal(entriesUntil(5000, ids, 1000), 5000)
  tap.end()
})

void t.test('the exponent is between 0 and 1', (tap) => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), (values) => {
      const { exponent, late, distinct } = growthOf(firstSeen(values), values.length)
      return exponent >= 0 && exponent <= 1 && late <= distinct
    }),
  )
  tap.end()
})
