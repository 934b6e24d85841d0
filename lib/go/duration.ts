/** Durations in Go's notation (`1h30m`, `0.5ms`), the only one that the config language and the stages take. */

const nanosOfUnit: Record<string, number | undefined> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
}

/** 2^63: one more than Go's largest duration. */
const limit = 2 ** 63

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function skipDigits(text: string, from: number): number {
  let at = from
  while (isDigit(text.charCodeAt(at))) at++
  return at
}

/** How many digits Go keeps: as many as an int64 holds, after leading zeros. */
function usedDigits(digits: string): number {
  let start = 0
  while (digits.charCodeAt(start) === 48) start++
  const end = start + 18
  return Number(digits.slice(start, end)) < 9.223372036854776e17 ? end + 1 : end
}

/** The part after the point as nanoseconds, cut (not rounded) to a whole one, as Go does. */
function fractionNanos(digits: string, unit: number): number {
  const used = digits.length > 18 ? digits.slice(0, usedDigits(digits)) : digits
  return used === '' ? 0 : Math.trunc(Number(used) * (unit / 10 ** used.length))
}

function unitEnd(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 46 || isDigit(code)) break
    at++
  }
  return at
}

/**
 * The nanoseconds of a duration, undefined for anything else. Takes what Go's `time.ParseDuration` takes:
 * `[+-]? ( "0" | ( number unit )+ )` with the units ns, us, µs, ms, s, m and h. Exact below 2^53 ns (104 days),
 * rounded to the nearest double above; more than Go's 2^63 - 1 ns is refused.
 */
// duration = [ "+" | "-" ] ( "0" | part { part } )   part = digits [ "." [ digits ] ] unit | "." digits unit
export function parseDuration(text: string): number | undefined {
  const first = text.charCodeAt(0)
  const negative = first === 45
  let at = negative || first === 43 ? 1 : 0
  if (at === text.length) return undefined
  if (text.length === at + 1 && text.charCodeAt(at) === 48) return 0
  let total = 0
  while (at < text.length) {
    const whole = skipDigits(text, at)
    let point = whole
    if (text.charCodeAt(whole) === 46) point = skipDigits(text, whole + 1)
    if (whole === at && point <= whole + 1) return undefined
    const end = unitEnd(text, point)
    const name = text.slice(point, end)
    const unit = Object.hasOwn(nanosOfUnit, name) ? nanosOfUnit[name] : undefined
    if (unit === undefined) return undefined
    total += Number(text.slice(at, whole)) * unit
    if (point > whole) total += fractionNanos(text.slice(whole + 1, point), unit)
    if (total > limit) return undefined
    at = end
  }
  return negative && total !== 0 ? -total : total
}

/** `value / 10^digits` without trailing zeros; the value is whole and not negative. */
function decimal(value: number, digits: number): string {
  const scale = 10 ** digits
  const fraction = value % scale
  const whole = String((value - fraction) / scale)
  if (fraction === 0) return whole
  return `${whole}.${String(fraction).padStart(digits, '0').replace(/0+$/, '')}`
}

/** What Go prints for this many nanoseconds: `1m0s`, `1.5s`, `20µs`, `0s`. Fractions of one are cut off. */
export function formatDuration(ns: number): string {
  const nanos = Math.trunc(Math.abs(ns))
  if (nanos === 0) return '0s'
  const sign = ns < 0 ? '-' : ''
  if (nanos < 1e3) return `${sign}${nanos}ns`
  if (nanos < 1e6) return `${sign}${decimal(nanos, 3)}µs`
  if (nanos < 1e9) return `${sign}${decimal(nanos, 6)}ms`
  const seconds = decimal(nanos % 6e10, 9)
  const minutes = Math.floor(nanos / 6e10)
  if (minutes === 0) return `${sign}${seconds}s`
  const hours = Math.floor(minutes / 60)
  return hours === 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${hours}h${minutes % 60}m${seconds}s`
}
