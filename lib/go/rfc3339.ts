/** RFC 3339 times, the form of nearly all log times, read and printed without a layout. */

import { civilFromDays, daysFromCivil, daysInMonth, type Instant } from './time/instant.ts'

export type { Instant } from './time/instant.ts'

const bad = -1

/** Two digits at a place, or `bad`. */
function pairAt(text: string, at: number): number {
  const first = text.charCodeAt(at) - 48
  const second = text.charCodeAt(at + 1) - 48
  // NaN, beyond the text's end, fails as well.
  return first >= 0 && first <= 9 && second >= 0 && second <= 9 ? first * 10 + second : bad
}

/** The seconds of `2006-01-02T15:04:05` at the text's start, NaN if it is something else. */
function startSeconds(text: string): number {
  const century = pairAt(text, 0)
  const ofCentury = pairAt(text, 2)
  const month = pairAt(text, 5)
  const day = pairAt(text, 8)
  const hour = pairAt(text, 11)
  const minute = pairAt(text, 14)
  const second = pairAt(text, 17)
  if ((century | ofCentury | month | day | hour | minute | second) < 0) return NaN
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return NaN
  const year = century * 100 + ofCentury
  if (day > 28 && day > daysInMonth(month, year)) return NaN
  const dashes = text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45 && text.charCodeAt(10) === 84
  if (!dashes || text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return NaN
  return daysFromCivil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
}

/** The offset in seconds that is the rest of the text, NaN if it is something else. */
function offsetAt(text: string, at: number): number {
  const sign = text.charCodeAt(at)
  if (sign === 90) return text.length === at + 1 ? 0 : NaN
  if ((sign !== 43 && sign !== 45) || text.length !== at + 6 || text.charCodeAt(at + 3) !== 58) return NaN
  const hours = pairAt(text, at + 1)
  const minutes = pairAt(text, at + 4)
  if (hours < 0 || minutes < 0 || hours > 23 || minutes > 59) return NaN
  const offset = hours * 3600 + minutes * 60
  return sign === 45 ? -offset : offset
}

/**
 * The instant of a strict RFC 3339 text, `2006-01-02T15:04:05.999999999+01:00` or with `Z`; undefined for anything else.
 * Fractions finer than a nanosecond are cut off. Go's `time.Parse` takes some more, see `compileTimeFormat`.
 */
export function parseRfc3339(text: string): Instant | undefined {
  const start = startSeconds(text)
  let at = 19
  let nanos = 0
  if (text.charCodeAt(at) === 46) {
    at++
    let scale = 1e9
    for (let digit = text.charCodeAt(at) - 48; digit >= 0 && digit <= 9; digit = text.charCodeAt(++at) - 48) {
      if (scale === 1) continue
      scale /= 10
      nanos += digit * scale
    }
    if (at === 20) return undefined
  }
  const seconds = start - offsetAt(text, at)
  return Number.isNaN(seconds) ? undefined : { seconds, nanos }
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

function fraction(nanos: number): string {
  if (nanos === 0) return ''
  if (nanos % 1e6 === 0)
    return `.${String(nanos / 1e6)
      .padStart(3, '0')
      .replace(/0+$/, '')}`
  return `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`
}

/** The text of an instant in UTC, with no trailing zeros in the fraction: `2026-02-03T04:05:06.5Z`. */
export function formatRfc3339Nano(seconds: number, nanos: number): string {
  const days = Math.floor(seconds / 86400)
  const ofDay = seconds - days * 86400
  const { year, month, day } = civilFromDays(days)
  const years = year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0')
  const hour = Math.floor(ofDay / 3600)
  const minute = Math.floor(ofDay / 60) % 60
  return `${years}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(ofDay % 60)}${fraction(nanos)}Z`
}
