import t from 'tap'
import { MAX_AHEAD_MS, Stamps, systemClock, type Clock } from '../../../lib/flow/clock.ts'

void t.test('stamps are strictly increasing, whatever the clock does', (tap) => {
  let now = 1_700_000_000_123.5
  const clock: Clock = { now: () => now, after: () => ({ cancel: () => {} }) }
  const stamps = new Stamps(clock)
  tap.same([stamps.seconds, stamps.nanos], [1_700_000_000, 123_500_000])
  let last = [0, 0]
  for (const step of [0, 0, -5000, 10, 0, 900, -1, 1]) {
    now += step
    stamps.refresh()
    stamps.next()
    const at = [stamps.seconds, stamps.nanos]
    tap.ok(at[0]! > last[0]! || (at[0] === last[0] && at[1]! > last[1]!), `after a step of ${step} ms`)
    last = at
  }
  tap.end()
})

void t.test('nanoseconds carry into seconds', (tap) => {
  const stamps = new Stamps({ now: () => 1999.999999, after: () => ({ cancel: () => {} }) })
  stamps.nanos = 999_999_999
  stamps.next()
  tap.same([stamps.seconds, stamps.nanos], [2, 0])
  tap.end()
})

void t.test('the system clock', async (tap) => {
  tap.ok(Math.abs(systemClock.now() - Date.now()) < 1000)
  let cancelled = true
  systemClock.after(0, () => (cancelled = false)).cancel()
  const alive = setTimeout(() => {}, 10_000)
  await new Promise<void>((resolve) => systemClock.after(-5, resolve))
  await new Promise<void>((resolve) => systemClock.after(1, resolve))
  clearTimeout(alive)
  tap.equal(cancelled, true)
})

void t.test('a clock that was a day ahead and is put right takes the stamps back with it', (tap) => {
  const day = 86_400_000
  const start = 1_700_000_000_000
  for (const ahead of [day, 3_600_000, MAX_AHEAD_MS + 2000]) {
    let now = start
    const stamps = new Stamps({ now: () => now, after: () => ({ cancel: () => {} }) })
    now += ahead
    stamps.refresh()
    stamps.next()
    now = start + 1500
    stamps.refresh()
    stamps.next()
    tap.same([stamps.seconds, stamps.nanos], [1_700_000_001, 500_000_001], `after ${ahead} ms`)
    now += 1
    stamps.refresh()
    tap.same([stamps.seconds, stamps.nanos], [1_700_000_001, 501_000_000], 'and they go on from there')
  }
  tap.end()
})

void t.test('a clock that is set back by less keeps the order of lines', (tap) => {
  let now = 1_700_000_000_000
  const stamps = new Stamps({ now: () => now, after: () => ({ cancel: () => {} }) })
  now -= MAX_AHEAD_MS
  stamps.refresh()
  stamps.next()
  tap.same([stamps.seconds, stamps.nanos], [1_700_000_000, 1])
  tap.end()
})
