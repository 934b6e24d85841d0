/** Reads the parameters of Loki's HTTP API as Loki reads them: times, steps, limits, directions. */
import { parseInt64 } from '../../go/strconv/integer.ts'
import { parseFloat } from '../../go/strconv/number.ts'
import { parseRfc3339 } from '../../go/rfc3339.ts'
import { LogqlError } from '../syntax/error.ts'
import { nanosOf } from '../engine/moment.ts'
import type { Direction } from '../engine/querier.ts'
import { parsePrometheusDuration } from '../stages/units.ts'

/** Parameters by name; the first of repeated ones. */
export interface ParameterSource {
  get(name: string): string | null | undefined
}

const SECOND = 1_000_000_000n
const HOUR = 3600n * SECOND
const MILLISECOND = 1_000_000n
/** Loki answers no more points than these of a series. */
const MAX_POINTS = 11_000n

function parseTime(name: string, text: string): bigint {
  if (text.includes('.')) {
    const seconds = parseFloat(text)
    if (seconds !== undefined && Number.isFinite(seconds)) {
      const whole = Math.trunc(seconds)
      // Loki rounds the fraction to milliseconds.
      return BigInt(whole) * SECOND + BigInt(Math.round((seconds - whole) * 1000)) * 1_000_000n
    }
  }
  const value = parseInt64(text)
  if (value !== undefined) return text.length <= 10 ? value * SECOND : value
  const moment = parseRfc3339(text)
  if (moment !== undefined) return nanosOf(moment)
  throw new LogqlError(
    `could not parse '${name}' parameter ${JSON.stringify(text)}: write seconds, nanoseconds or an RFC 3339 time`,
  )
}

/**
 * A time in nanoseconds since 1970: up to 10 digits are seconds, more are nanoseconds, a number with a point is seconds,
 * anything else must be RFC 3339 with its zone. A missing one is `fallback`.
 *
 * @throws {LogqlError}
 */
export function timeParameter(source: ParameterSource, name: string, fallback: bigint): bigint {
  const text = source.get(name) ?? ''
  return text === '' ? fallback : parseTime(name, text)
}

/** A span of time of a query. */
export interface TimeRange {
  readonly start: bigint
  readonly end: bigint
}

/**
 * `start`, `end` and `since`: the end is now if left out, the start one hour (or `since`) before it.
 *
 * @throws {LogqlError} for invalid times, and an end before the start
 */
export function rangeParameters(source: ParameterSource, now: bigint): TimeRange {
  const end = timeParameter(source, 'end', now)
  const since = source.get('since') ?? ''
  let back = HOUR
  if (since !== '') {
    const nanos = parsePrometheusDuration(since)
    if (nanos === undefined)
      throw new LogqlError(
        `could not parse 'since' parameter: not a valid duration string: ${JSON.stringify(since)}`,
      )
    back = BigInt(nanos)
  }
  const reference = end > now ? now : end
  const start = timeParameter(source, 'start', reference - back)
  if (end < start) throw new LogqlError('end timestamp must not be before or equal to start time')
  return { start, end }
}

/** A count of seconds, with or without a fraction, or a duration such as `5m` or `2000ms`, in nanoseconds. */
function parseSpan(name: string, text: string): bigint {
  const seconds = parseFloat(text)
  // Nothing that leaves 64 bits.
  if (seconds !== undefined && Math.abs(seconds) < 2 ** 63 / 1e9) return BigInt(Math.trunc(seconds * 1e9))
  const nanos = parsePrometheusDuration(text)
  if (nanos !== undefined) return BigInt(nanos)
  throw new LogqlError(
    `cannot parse ${JSON.stringify(text)} to a valid duration: '${name}' is seconds or a text like 5m`,
  )
}

/**
 * The step in nanoseconds, without what is less than a millisecond; by default a 250th of the range in whole seconds, at
 * least one.
 *
 * @throws {LogqlError} for invalid durations, steps that aren't positive, and more than 11,000 steps
 */
export function stepParameter(source: ParameterSource, { start, end }: TimeRange): bigint {
  const text = source.get('step') ?? ''
  if (text === '') {
    const seconds = (end - start) / (250n * SECOND)
    return (seconds > 1n ? seconds : 1n) * SECOND
  }
  const step = parseSpan('step', text)
  if (step <= 0n)
    throw new LogqlError(
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  if ((end - start) / step > MAX_POINTS)
    throw new LogqlError(
      'exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter',
    )
  return step - (step % MILLISECOND)
}

/** The interval in nanoseconds, without what is less than a millisecond. @throws {LogqlError} for invalid or negative durations */
export function intervalParameter(source: ParameterSource): bigint {
  const text = source.get('interval') ?? ''
  const interval = text === '' ? 0n : parseSpan('interval', text)
  if (interval < 0n) throw new LogqlError('interval must be >= 0')
  return interval - (interval % MILLISECOND)
}

/** The `limit` of volumes, where 0 means the default of 100. @throws {LogqlError} */
export function volumeLimitParameter(source: ParameterSource): number {
  return /^[+-]?0+$/.test(source.get('limit') ?? '') ? 100 : countParameter(source, 'limit', 100)
}

/** A positive whole number. @throws {LogqlError} */
export function countParameter(source: ParameterSource, name: string, fallback: number): number {
  const text = source.get(name) ?? ''
  if (text === '') return fallback
  if (!/^[+-]?\d{1,18}$/.test(text))
    throw new LogqlError(`'${name}' must be a number, found ${JSON.stringify(text)}`)
  const value = Number(text)
  if (value <= 0) throw new LogqlError(`${name} must be a positive value, found ${text}`)
  return value
}

/** `backward` unless asked otherwise; any case. @throws {LogqlError} */
export function directionParameter(source: ParameterSource): Direction {
  const text = source.get('direction') ?? ''
  const direction = text.toLowerCase()
  if (direction === '' || direction === 'backward') return 'backward'
  if (direction === 'forward') return 'forward'
  throw new LogqlError(`invalid direction '${text}': write forward or backward`)
}

/** The flags of the header X-Loki-Response-Encoding-Flags: a list with commas, neither trimmed nor folded. */
export function encodingFlags(header: string | undefined): string[] {
  return header === undefined || header === '' ? [] : header.split(',')
}
