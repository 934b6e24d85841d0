/** The time formats of stage.timestamp: named layouts, Unix times, and Go layouts with or without a year. */

import { parseInt64 } from '../strconv/integer.ts'
import { parseRfc3339 } from '../rfc3339.ts'
import { civilFromDays, daysFromCivil, type Instant } from './instant.ts'
import { compileTimeLayout, type ZonedInstant } from './parse.ts'
import { clockAt, fromWallClock, type Zone } from './zone.ts'

/** Reads one text; undefined if it doesn't fit. */
export type TimeParser = (text: string) => Instant | undefined

export interface TimeFormatOptions {
  /** Where texts without a zone are; layouts only, the named formats are in UTC. Default UTC. */
  zone?: Zone
  /** The time now, in milliseconds; the year of layouts without one. Default `Date.now`. */
  now?: () => number
}

/** The layouts of the named formats, from Go's package time. */
const namedLayouts: Readonly<Record<string, string>> = {
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  RFC822: '02 Jan 06 15:04 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC3339: '2006-01-02T15:04:05Z07:00',
  RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
}

/** Units per second of the Unix formats. */
const unixUnits: Readonly<Record<string, number>> = { UnixMs: 1e3, UnixUs: 1e6, UnixNs: 1e9 }

/** The instant a number of seconds and any number of nanoseconds away from 1970. */
function instantOf(seconds: number, nanos: number): Instant {
  const carry = Math.floor(nanos / 1e9)
  return { seconds: seconds + carry, nanos: nanos - carry * 1e9 }
}

const plainDigits = /^\d+$/

/** Whole units since 1970. What doesn't fit into 64 bits of nanoseconds wraps round, as it does in Go. */
function parseUnits(text: string, perSecond: number): Instant | undefined {
  const digits = Math.round(Math.log10(perSecond))
  // Up to 18 digits of nanoseconds always fit, and can be cut as text.
  if (text.length <= digits + 9 && text.length > digits && plainDigits.test(text)) {
    const split = text.length - digits
    return { seconds: Number(text.slice(0, split)), nanos: Number(text.slice(split)) * (1e9 / perSecond) }
  }
  const value = parseInt64(text)
  if (value === undefined) return undefined
  const nanos = BigInt.asIntN(64, value * BigInt(1e9 / perSecond))
  let seconds = nanos / 1_000_000_000n
  if (nanos % 1_000_000_000n < 0n) seconds -= 1n
  return { seconds: Number(seconds), nanos: Number(nanos - seconds * 1_000_000_000n) }
}

/** Seconds since 1970 with an optional fraction. The fraction is always added, so `-1.5` is half a second before 1970. */
function parseUnix(text: string): Instant | undefined {
  const point = text.indexOf('.')
  const seconds = parseInt64(point < 0 ? text : text.slice(0, point))
  if (seconds === undefined) return undefined
  if (point < 0) return { seconds: Number(seconds), nanos: 0 }
  const digits = text.slice(point + 1)
  const fraction = parseInt64(digits)
  if (fraction === undefined) return undefined
  return instantOf(Number(seconds), Math.trunc(Number(fraction) * 10 ** (9 - digits.length)))
}

/**
 * Puts the current year into a time of the year 0: the year before for December read in January, the year after for
 * January read in December. Undefined if the time isn't in the year 0. `now` is in milliseconds.
 */
function withCurrentYear(time: ZonedInstant, now: number): Instant | undefined {
  const wall = time.seconds + clockAt(time.zone, time.seconds).offset
  const days = Math.floor(wall / 86400)
  const { year, month, day } = civilFromDays(days)
  if (year !== 0) return undefined
  const today = civilFromDays(Math.floor(now / 86_400_000))
  let target = today.year
  if (month === 12 && today.month === 1) target--
  else if (month === 1 && today.month === 12) target++
  const moved = daysFromCivil(target, month, day) * 86400 + (wall - days * 86400)
  return { seconds: fromWallClock(time.zone, moved), nanos: time.nanos }
}

function hasYear(layout: string): boolean {
  return layout.includes('06')
}

/** Whether a format's times depend on the present: those of layouts without a year. */
export function needsNow(format: string): boolean {
  return (
    format !== 'Unix' &&
    !Object.hasOwn(unixUnits, format) &&
    !Object.hasOwn(namedLayouts, format) &&
    !hasYear(format)
  )
}

/** Whether a format is RFC 3339, which `parseRfc3339` reads. */
export function isRfc3339(format: string): boolean {
  return format === 'RFC3339' || format === 'RFC3339Nano'
}

function compileLayout(format: string, { zone, now = Date.now }: TimeFormatOptions): TimeParser {
  const parse = compileTimeLayout(format, zone)
  if (hasYear(format)) return parse
  return (text) => {
    const time = parse(text)
    return time === undefined ? undefined : withCurrentYear(time, now())
  }
}

function compileNamed(name: string, layout: string): TimeParser {
  const parse = compileTimeLayout(layout)
  if (!isRfc3339(name)) return parse
  return (text) => parseRfc3339(text) ?? parse(text)
}

/**
 * A parser for a format of stage.timestamp: a name (`ANSIC`, `UnixDate`, `RubyDate`, `RFC822`, `RFC822Z`, `RFC850`, `RFC1123`,
 * `RFC1123Z`, `RFC3339`, `RFC3339Nano`, `Unix`, `UnixMs`, `UnixUs`, `UnixNs`) or else a Go layout. Zone abbreviations other
 * than UTC count as offset zero unless the layout's zone knows them. Every format is accepted; the parser returns
 * undefined for texts that don't fit.
 */
export function compileTimeFormat(format: string, options: TimeFormatOptions = {}): TimeParser {
  if (format === 'Unix') return parseUnix
  const perSecond = Object.hasOwn(unixUnits, format) ? unixUnits[format] : undefined
  if (perSecond !== undefined) return (text) => parseUnits(text, perSecond)
  const named = Object.hasOwn(namedLayouts, format) ? namedLayouts[format] : undefined
  return named === undefined ? compileLayout(format, options) : compileNamed(format, named)
}
