/** How long to wait before a batch is sent again. */
import t from 'tap'
import { backoffDelay } from '../../../lib/delivery/backoff.ts'

void t.test('waits double from min to max, with jitter up to the next one', (t) => {
  const backoff = { min: 500, max: 300_000 }
  const waits = (random: number): number[] =>
    Array.from({ length: 12 }, (_, i) => backoffDelay(backoff, i + 1, () => random))
  t.same(waits(0).slice(0, 4), [500, 1000, 2000, 4000])
  t.same(waits(0.5).slice(0, 3), [750, 1500, 3000])
  t.same(waits(0).slice(10), [300_000, 300_000])
  t.equal(Math.max(...waits(1)), 300_000)
  t.equal(
    backoffDelay(backoff, 2000, () => 1),
    300_000,
    'no overflow',
  )
  t.end()
})

void t.test('a destination may ask for more, not for less', (t) => {
  const wait = (retryAfterMs: number): number =>
    backoffDelay({ min: 500, max: 1000 }, 1, () => 0, { retryAfterMs })
  t.equal(wait(0), 500)
  t.equal(wait(100), 500)
  t.equal(wait(7000), 7000, 'also more than the config allows')
  t.equal(wait(1e9), 300_000, 'but not for ever')
  t.end()
})
