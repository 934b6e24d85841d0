/** Go's time.Time, time.Month, time.Weekday and time.Duration as values of a template, with the methods of a time. */
import { formatDuration } from '../../duration.ts'
import { compileTimePrinter } from '../../time/format.ts'
import { type Instant, daysFromCivil } from '../../time/instant.ts'
import type { ZonedInstant } from '../../time/parse.ts'
import { type Zone, clockAt, fromWallClock, loadZone, utc } from '../../time/zone.ts'
import { method } from '../function.ts'
import { type GoInt, type GoObject, type TemplateFunction, type Value, goInt, int64 } from '../value.ts'

/** 0001-01-01 00:00 UTC, which is what Go calls the zero time. */
const ZERO_SECONDS = -62_135_596_800
export const zeroTime: ZonedInstant = { seconds: ZERO_SECONDS, nanos: 0, zone: utc }

const SECOND = 1_000_000_000n

type Printer = (instant: Instant) => string

/** Layouts are few, so their printers are kept for as long as their zone. */
const printers = new WeakMap<Zone, Map<string, Printer>>()
const MAX_PRINTERS = 100

/** The time by a Go layout, in its own zone. */
export function formatTime(time: ZonedInstant, layout: string): string {
  let known = printers.get(time.zone)
  if (known === undefined || known.size >= MAX_PRINTERS) {
    known = new Map()
    printers.set(time.zone, known)
  }
  let printer = known.get(layout)
  if (printer === undefined) {
    printer = compileTimePrinter(layout, time.zone)
    known.set(layout, printer)
  }
  return printer(time)
}

export function nanosOf({ seconds, nanos }: Instant): bigint {
  return BigInt(seconds) * SECOND + BigInt(nanos)
}

/** The time that many nanoseconds later. */
export function later(time: ZonedInstant, nanos: bigint): ZonedInstant {
  const total = nanosOf(time) + nanos
  const rest = ((total % SECOND) + SECOND) % SECOND
  return { seconds: Number((total - rest) / SECOND), nanos: Number(rest), zone: time.zone }
}

const MAX_INT64 = (1n << 63n) - 1n

/** A time.Duration; what is out of range becomes the longest one, as for Go's differences of times. */
export function durationValue(nanos: bigint): GoInt {
  const clamped = nanos > MAX_INT64 ? MAX_INT64 : nanos < -MAX_INT64 - 1n ? -MAX_INT64 - 1n : nanos
  return goInt('int64', clamped, 'time.Duration', durationText(clamped), durationMethods)
}

const HOUR = 3600n * SECOND

/** time.Duration.String, with every nanosecond, which a double has for 104 days only. */
export function durationText(nanos: bigint): string {
  const magnitude = nanos < 0n ? -nanos : nanos
  if (magnitude < HOUR) return formatDuration(Number(nanos))
  const clock = formatDuration(Number((magnitude % HOUR) + HOUR)).slice('1h'.length)
  return `${nanos < 0n ? '-' : ''}${magnitude / HOUR}h${clock}`
}

/** The duration in a unit, as a float64. */
function inUnits(unit: bigint): TemplateFunction {
  return method([], ({ value }: GoInt) => Number(value / unit) + Number(value % unit) / Number(unit))
}

function inWholeUnits(unit: bigint): TemplateFunction {
  return method([], ({ value }: GoInt) => int64(value / unit))
}

const durationMethods: ReadonlyMap<string, TemplateFunction> = new Map([
  ['Hours', inUnits(HOUR)],
  ['Minutes', inUnits(60n * SECOND)],
  ['Seconds', inUnits(SECOND)],
  ['Milliseconds', inWholeUnits(1_000_000n)],
  ['Microseconds', inWholeUnits(1000n)],
  ['Nanoseconds', inWholeUnits(1n)],
  ['Abs', method([], ({ value }: GoInt) => durationValue(value < 0n ? -value : value))],
  ['String', method([], ({ value }: GoInt) => durationText(value))],
])

const nameMethods: ReadonlyMap<string, TemplateFunction> = new Map([
  ['String', method([], ({ text }: GoInt) => text ?? '')],
])

function timeOf(object: GoObject): ZonedInstant {
  return object.data as ZonedInstant
}

/** A part of the calendar or clock, read from how a layout prints it. */
function part(layout: string): TemplateFunction {
  return method([], (self: GoObject) => BigInt(formatTime(timeOf(self), layout)))
}

function getter(value: (time: ZonedInstant) => Value): TemplateFunction {
  return method([], (self: GoObject) => value(timeOf(self)))
}

function inZone(time: ZonedInstant, zone: Zone): GoObject {
  return timeValue({ ...time, zone })
}

/** The local zone; what the system says is asked once. */
let local: Zone | undefined
export function localZone(): Zone {
  return (local ??= loadZone('Local') ?? utc)
}

/** Years, months and days on the calendar; days past the end of a month run on, as in Go. */
function addDate(time: ZonedInstant, years: number, months: number, days: number): GoObject {
  const [year = 0, month = 1, day = 1] = formatTime(time, '2006 1 2').split(' ').map(Number)
  const monthIndex = month - 1 + months
  const wallYear = year + years + Math.floor(monthIndex / 12)
  const clock = (((time.seconds + clockAt(time.zone, time.seconds).offset) % 86400) + 86400) % 86400
  const wall = daysFromCivil(wallYear, (((monthIndex % 12) + 12) % 12) + 1, day + days) * 86400 + clock
  return timeValue({ ...time, seconds: fromWallClock(time.zone, wall) })
}

function comparing(test: (order: number) => Value): TemplateFunction {
  return method(['time'], (self: GoObject, other) => {
    const difference = nanosOf(timeOf(self)) - nanosOf(timeOf(other))
    return test(difference < 0n ? -1 : difference > 0n ? 1 : 0)
  })
}

/** Rounded down, or half up, to a multiple of a duration since the zero time. */
function rounding(half: boolean): TemplateFunction {
  return method(['duration'], (self: GoObject, unit) => {
    const time = timeOf(self)
    if (unit <= 0n) return self
    const since = nanosOf(time) - BigInt(ZERO_SECONDS) * SECOND
    const rest = ((since % unit) + unit) % unit
    return timeValue(later(time, half && rest * 2n >= unit ? unit - rest : -rest))
  })
}

const methods: ReadonlyMap<string, TemplateFunction> = new Map([
  ['Format', method(['string'], (self: GoObject, layout) => formatTime(timeOf(self), layout))],
  ['String', method([], (self: GoObject) => self.text())],
  ['Unix', getter(({ seconds }) => int64(BigInt(seconds)))],
  [
    'UnixMilli',
    getter((time) => int64(nanosOf(later(time, BigInt(-(time.nanos % 1_000_000)))) / 1_000_000n)),
  ],
  ['UnixMicro', getter((time) => int64(nanosOf(later(time, BigInt(-(time.nanos % 1000)))) / 1000n))],
  ['UnixNano', getter((time) => int64(nanosOf(time)))],
  ['Year', part('2006')],
  [
    'Month',
    getter((time) => named('time.Month', BigInt(formatTime(time, '1')), formatTime(time, 'January'))),
  ],
  ['Day', part('2')],
  ['Hour', part('15')],
  ['Minute', part('4')],
  ['Second', part('5')],
  ['YearDay', part('002')],
  ['Nanosecond', getter(({ nanos }) => BigInt(nanos))],
  ['Weekday', getter(weekdayOf)],
  ['UTC', getter((time) => inZone(time, utc))],
  ['Local', getter((time) => inZone(time, localZone()))],
  ['IsZero', getter(({ seconds, nanos }) => seconds === ZERO_SECONDS && nanos === 0)],
  ['AddDate', method(['int', 'int', 'int'], (self: GoObject, y, m, d) => addDate(timeOf(self), y, m, d))],
  ['Add', method(['duration'], (self: GoObject, nanos) => timeValue(later(timeOf(self), nanos)))],
  [
    'Sub',
    method(['time'], (self: GoObject, other) =>
      durationValue(nanosOf(timeOf(self)) - nanosOf(timeOf(other))),
    ),
  ],
  ['Truncate', rounding(false)],
  ['Round', rounding(true)],
  ['Compare', comparing((order) => BigInt(order))],
  ['Equal', comparing((order) => order === 0)],
  ['Before', comparing((order) => order < 0)],
  ['After', comparing((order) => order > 0)],
])

/** An integer with a name. */
function named(type: string, value: bigint, text: string): GoInt {
  return goInt('int', value, type, text, nameMethods)
}

function weekdayOf(time: ZonedInstant): GoInt {
  const days = Math.floor((time.seconds + clockAt(time.zone, time.seconds).offset) / 86400)
  return named('time.Weekday', BigInt((((days + 4) % 7) + 7) % 7), formatTime(time, 'Monday'))
}

/** A time.Time. */
export function timeValue(time: ZonedInstant): GoObject {
  return {
    tag: 'object',
    type: 'time.Time',
    kind: 'struct',
    text: () => formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST'),
    json: () => formatTime(time, '2006-01-02T15:04:05.999999999Z07:00'),
    methods,
    data: time,
  }
}
