/** `Retry-After` in both of its forms. */
import t from 'tap'
import { retryAfterMs } from '../../../../lib/net/client/retry-after.ts'

void t.test('seconds, a date, or nothing that can be used', (tap) => {
  const now = Date.parse('2026-11-28T10:00:00Z')
  const cases: [header: string | string[] | undefined, ms: number | undefined][] = [
    ['3', 3000],
    [' 120 ', 120_000],
    ['0', 0],
    [['7', '8'], 7000],
    ['Sat, 28 Nov 2026 10:00:05 GMT', 5000],
    ['Sat, 28 Nov 2026 09:00:00 GMT', 0],
    [undefined, undefined],
    ['', undefined],
    ['soon', undefined],
    ['1.5', undefined],
    ['-3', undefined],
  ]
  for (const [header, ms] of cases) tap.equal(retryAfterMs(header, now), ms, String(header))
  tap.end()
})
