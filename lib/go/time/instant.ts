/** Points in time without BigInt or Date, and the calendar arithmetic that all formats share. */

/** A point in time: whole Unix seconds (negative before 1970) and 0 to 999,999,999 nanoseconds after them. */
export interface Instant {
  seconds: number
  nanos: number
}

/** A day of the proleptic Gregorian calendar; months and days count from 1. */
export interface CivilDay {
  year: number
  month: number
  day: number
}

const monthStarts = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365]

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** The days of a year before the first of a month, February counted as 28 days; month 13 is the whole year. */
export function daysBeforeMonth(month: number): number {
  return monthStarts[month - 1] ?? 0
}

export function daysInMonth(month: number, year: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28
  return daysBeforeMonth(month + 1) - daysBeforeMonth(month)
}

/** Days since 1970-01-01; a day past the month's end runs on into the next month, as in Go's `time.Date`. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const past = year - 1
  const leaps = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)
  const leapDay = month > 2 && isLeapYear(year) ? 1 : 0
  // 719162 days lie between 0001-01-01 and 1970-01-01.
  return past * 365 + leaps - 719162 + daysBeforeMonth(month) + leapDay + day - 1
}

/** The calendar day of a count of days since 1970-01-01. */
export function civilFromDays(days: number): CivilDay {
  // Counted from 0000-03-01, so that the leap day is the last one of its year: 400 years are 146097 days.
  const shifted = days + 719468
  const era = Math.floor(shifted / 146097)
  const ofEra = shifted - era * 146097
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36524) - Math.floor(ofEra / 146096)) / 365,
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * ofYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return { year, month, day: ofYear - Math.floor((153 * marchMonth + 2) / 5) + 1 }
}
