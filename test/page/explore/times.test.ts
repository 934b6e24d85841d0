import t from 'tap'
import { momentOf, nameOfRange, rangeOf, stepFor } from '../../../page/explore/times.ts'

const NOW = Date.UTC(2026, 0, 31, 12)

void t.test('moments as the address has them', (tap) => {
  tap.equal(momentOf('now', NOW), NOW)
  tap.equal(momentOf('now-90s', NOW), NOW - 90_000)
  tap.equal(momentOf('now-2d', NOW), NOW - 172_800_000)
  tap.equal(momentOf('1769860800000', NOW), 1769860800000)
  tap.equal(momentOf('2026-01-31T11:00:00Z', NOW), NOW - 3_600_000)
  for (const text of ['', 'now-', 'now-1y', 'soon', 'now+1h']) tap.equal(momentOf(text, NOW), undefined, text)
  tap.end()
})

void t.test('a range that is none is the last hour', (tap) => {
  const hour = { from: NOW - 3_600_000, to: NOW }
  tap.same(rangeOf('now-1h', 'now', NOW), hour)
  tap.same(rangeOf('now', 'now-1h', NOW), hour)
  tap.same(rangeOf('x', 'now', NOW), hour)
  tap.equal(nameOfRange('now-1h', 'now'), 'Last hour')
  tap.equal(nameOfRange('now-7m', 'now'), 'now-7m to now')
  tap.end()
})

void t.test('steps are round, and no more than asked for', (tap) => {
  tap.equal(stepFor({ from: 0, to: 3_600_000 }, 90), 60)
  tap.equal(stepFor({ from: 0, to: 300_000 }, 90), 5)
  tap.equal(stepFor({ from: 0, to: 30 * 86_400_000 }, 90), 43_200)
  tap.equal(stepFor({ from: 0, to: 10 }, 90), 1)
  tap.end()
})
