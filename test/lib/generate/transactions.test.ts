import t from 'tap'
import { transactionSource } from '../../../lib/generate/transactions.ts'

const AT = Date.UTC(2026, 0, 1, 12)
const GOOD =
  /^2026-01-01\|(\d\d:){2}\d\d\.\d{3}\|(\d\d:){2}\d\d\.\d{3}\|\d+\|[\w-]+\|[^|]+\|(SUCCESS|FAILED)\|\d+$/

void t.test('lines of transactions, the same for the same seed', (tap) => {
  const lines = (): string[] =>
    Array.from(
      { length: 500 },
      (
        (next) => () =>
          next(AT)
      )(transactionSource({ seed: 7, badShare: 0 })),
    )
  tap.same(lines(), lines())
  for (const line of lines()) if (!GOOD.test(line)) tap.fail(line)
  const methods = new Set(lines().map((line) => line.split('|')[4]))
  tap.ok(methods.size >= 5 && methods.has('STP-OUT'))
  tap.ok(lines().some((line) => line.includes('|FAILED|')))
  const latencies = lines().map((line) => Number(line.split('|')[3]))
  tap.ok(Math.max(...latencies) > 20 * Math.min(...latencies), 'some are slow by far')
  tap.end()
})

void t.test('the share of lines in another format', (tap) => {
  const next = transactionSource({ seed: 1, badShare: 0.2 })
  const bad = Array.from({ length: 5000 }, () => next(AT)).filter((line) => !GOOD.test(line)).length
  tap.ok(bad > 800 && bad < 1200, `${bad} of 5000`)
  const all = transactionSource({ seed: 1, badShare: 1 })
  tap.notMatch(all(AT), GOOD)
  tap.end()
})
