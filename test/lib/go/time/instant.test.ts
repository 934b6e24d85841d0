import fc from 'fast-check'
import t from 'tap'
import { civilFromDays, daysFromCivil, daysInMonth, isLeapYear } from '../../../../lib/go/time/instant.ts'

void t.test('days and calendar agree with the Date of the runtime', async () => {
  fc.assert(
    fc.property(fc.integer({ min: -10_000_000, max: 10_000_000 }), (days) => {
      const date = new Date(days * 86_400_000)
      const { year, month, day } = civilFromDays(days)
      const same =
        year === date.getUTCFullYear() && month === date.getUTCMonth() + 1 && day === date.getUTCDate()
      return same && daysFromCivil(year, month, day) === days
    }),
  )
})

void t.test('lengths of months', async (t) => {
  t.strictSame(
    [1, 2, 3, 4, 12].map((month) => daysInMonth(month, 2024)),
    [31, 29, 31, 30, 31],
  )
  t.equal(daysInMonth(2, 2023), 28)
  t.strictSame([0, 1900, 2000, 2023, 2024].map(isLeapYear), [true, false, true, false, true])
  t.equal(daysFromCivil(2023, 2, 29), daysFromCivil(2023, 3, 1))
})
