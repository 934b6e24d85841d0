/** Sprig's functions of dates (https://masterminds.github.io/sprig/date.html). */
import { parseDuration } from '../../duration.ts'
import { type ZonedInstant, type ZonedParser, compileTimeLayout } from '../../time/parse.ts'
import { type Zone, loadZone, utc } from '../../time/zone.ts'
import { fixed } from '../function.ts'
import { clampInt64 } from '../../strconv/integer.ts'
import { type GoObject, type TemplateFunction, type Value, fault } from '../value.ts'
import { durationText, formatTime, later, localZone, nanosOf, timeValue, zeroTime } from './time-value.ts'

function isObject(value: Value): value is GoObject {
  return typeof value === 'object' && value !== null && value.tag === 'object'
}

function timeIn(value: Value): ZonedInstant | undefined {
  return isObject(value) && value.type === 'time.Time' ? (value.data as ZonedInstant) : undefined
}

/** The plain integer types that count as Unix seconds or nanoseconds. */
function plainInteger(value: Value, types: readonly string[]): bigint | undefined {
  if (typeof value === 'bigint') return types.includes('int') ? value : undefined
  const isInteger = typeof value === 'object' && value !== null && value.tag === 'int'
  return isInteger && types.includes(value.type) ? value.value : undefined
}

/** A time, Unix seconds, or for anything else now. */
function instantOf(value: Value, now: () => number, types: readonly string[]): ZonedInstant {
  const time = timeIn(value)
  if (time !== undefined) return time
  const seconds = plainInteger(value, types)
  if (seconds !== undefined) return { seconds: Number(seconds), nanos: 0, zone: localZone() }
  return current(now)
}

function current(now: () => number): ZonedInstant {
  const millis = now()
  const seconds = Math.floor(millis / 1000)
  return { seconds, nanos: Math.trunc((millis - seconds * 1000) * 1e6), zone: localZone() }
}

const dateTypes = ['int', 'int64', 'int32']

/** A zone by name; UTC for an unknown one. */
function zoneOf(name: string): Zone {
  return name === 'Local' ? localZone() : (loadZone(name) ?? utc)
}

const parsers = new Map<string, ZonedParser>()
const MAX_PARSERS = 100

function parseTime(layout: string, text: string): ZonedInstant | undefined {
  let parser = parsers.get(layout)
  if (parser === undefined) {
    if (parsers.size >= MAX_PARSERS) parsers.clear()
    parser = compileTimeLayout(layout, localZone())
    parsers.set(layout, parser)
  }
  return parser(text)
}

function modified(change: string, value: GoObject): Value | undefined {
  const nanos = parseDuration(change)
  return nanos === undefined ? undefined : timeValue(later(value.data as ZonedInstant, BigInt(nanos)))
}

function mustModify(change: string, value: GoObject): Value {
  return modified(change, value) ?? refused('duration', change)
}

function refused(what: string, text: string): never {
  throw fault(`invalid ${what} ${JSON.stringify(text)}`)
}

/** Seconds as a duration; only texts and int64 count, an int is 0 as in the original. */
function duration(value: Value): string {
  const seconds = typeof value === 'string' ? clampInt64(value) : plainInteger(value, ['int64'])
  return durationText(BigInt.asIntN(64, (seconds ?? 0n) * 1_000_000_000n))
}

const units: readonly [string, bigint][] = [
  ['y', 31_536_000_000_000_000n],
  ['mo', 2_592_000_000_000_000n],
  ['d', 86_400_000_000_000n],
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
]

/** The largest unit that the duration is more than one of. */
function durationRound(value: Value, now: () => number): string {
  const time = timeIn(value)
  let nanos = plainInteger(value, ['int64']) ?? 0n
  if (typeof value === 'string') nanos = BigInt(parseDuration(value) ?? 0)
  else if (time !== undefined) nanos = nanosOf(current(now)) - nanosOf(time)
  const magnitude = nanos < 0n ? -nanos : nanos
  for (const [unit, size] of units) if (magnitude > size) return `${magnitude / size}${unit}`
  return '0s'
}

/** The time since then, to the second. */
function ago(value: Value, now: () => number): string {
  const nanos = nanosOf(current(now)) - nanosOf(instantOf(value, now, ['int', 'int64']))
  const half = nanos < 0n ? -500_000_000n : 500_000_000n
  return durationText(((nanos + half) / 1_000_000_000n) * 1_000_000_000n)
}

/** By name; `now` is the clock in milliseconds. */
export function dateFunctions(now: () => number): readonly [string, TemplateFunction][] {
  const inZone = (layout: string, value: Value, zone: string): string => {
    return formatTime({ ...instantOf(value, now, dateTypes), zone: zoneOf(zone) }, layout)
  }
  const dateInZone = fixed(['string', 'any', 'string'], inZone)
  const modify = fixed(['string', 'time'], (change, value) => modified(change, value) ?? value)
  const must = fixed(['string', 'time'], mustModify)
  return [
    ['now', fixed([], () => timeValue(current(now)))],
    ['ago', fixed(['any'], (value) => ago(value, now))],
    ['date', fixed(['string', 'any'], (layout, value) => inZone(layout, value, 'Local'))],
    ['dateInZone', dateInZone],
    ['date_in_zone', dateInZone],
    ['htmlDate', fixed(['any'], (value) => inZone('2006-01-02', value, 'Local'))],
    ['htmlDateInZone', fixed(['any', 'string'], (value, zone) => inZone('2006-01-02', value, zone))],
    ['dateModify', modify],
    ['date_modify', modify],
    ['mustDateModify', must],
    ['must_date_modify', must],
    ['toDate', fixed(['string', 'string'], (layout, text) => timeValue(parseTime(layout, text) ?? zeroTime))],
    [
      'mustToDate',
      fixed(['string', 'string'], (layout, text) =>
        timeValue(parseTime(layout, text) ?? refused('time', text)),
      ),
    ],
    ['unixEpoch', fixed(['time'], (value) => String((value.data as ZonedInstant).seconds))],
    ['duration', fixed(['any'], duration)],
    ['durationRound', fixed(['any'], (value) => durationRound(value, now))],
  ]
}
