/** Prints times by a Go layout, as Go's Time.Format does. */

import { civilFromDays, daysFromCivil, type Instant } from './instant.ts'
import {
  type Field,
  monthNames,
  type OffsetStyle,
  parseLayout,
  shortMonthNames,
  shortWeekdayNames,
  weekdayNames,
} from './layout.ts'
import { clockAt, type Zone, utc } from './zone.ts'

/** An instant as a zone's calendar and clocks show it. */
interface WallTime {
  year: number
  month: number
  day: number
  yearDay: number
  weekday: number
  hour: number
  minute: number
  second: number
  nanos: number
  /** Seconds east of UTC. */
  offset: number
  abbreviation: string
}

function wallTime({ seconds, nanos }: Instant, zone: Zone): WallTime {
  const { offset, abbreviation } = clockAt(zone, seconds)
  const wall = seconds + offset
  const days = Math.floor(wall / 86400)
  const ofDay = wall - days * 86400
  const { year, month, day } = civilFromDays(days)
  return {
    year,
    month,
    day,
    yearDay: days - daysFromCivil(year, 1, 1) + 1,
    weekday: (((days + 4) % 7) + 7) % 7,
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor(ofDay / 60) % 60,
    second: ofDay % 60,
    nanos,
    offset,
    abbreviation,
  }
}

function padded(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width, '0')}` : String(value).padStart(width, '0')
}

function offsetText(offset: number, { zulu, colons, parts }: OffsetStyle): string {
  if (zulu && offset === 0) return 'Z'
  // The sign is that of the whole minutes.
  const minutes = Math.trunc(offset / 60)
  const sign = minutes < 0 ? '-' : '+'
  const all = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60, Math.abs(offset % 60)]
  const texts = all.slice(0, parts).map((part) => padded(part, 2))
  return sign + texts.join(colons ? ':' : '')
}

function fractionText(nanos: number, { kind, digits, separator }: Field): string {
  const text = padded(nanos, 9).slice(0, digits)
  if (kind === 'fraction0') return separator + text
  const trimmed = text.replace(/0+$/, '')
  return trimmed === '' ? '' : separator + trimmed
}

function hour12(hour: number): number {
  return hour % 12 === 0 ? 12 : hour % 12
}

const printers: Record<Field['kind'], (time: WallTime, field: Field) => string> = {
  January: ({ month }) => monthNames[month - 1] ?? '',
  Jan: ({ month }) => shortMonthNames[month - 1] ?? '',
  '1': ({ month }) => String(month),
  '01': ({ month }) => padded(month, 2),
  Monday: ({ weekday }) => weekdayNames[weekday] ?? '',
  Mon: ({ weekday }) => shortWeekdayNames[weekday] ?? '',
  '2': ({ day }) => String(day),
  _2: ({ day }) => String(day).padStart(2),
  '02': ({ day }) => padded(day, 2),
  __2: ({ yearDay }) => String(yearDay).padStart(3),
  '002': ({ yearDay }) => padded(yearDay, 3),
  '15': ({ hour }) => padded(hour, 2),
  '3': ({ hour }) => String(hour12(hour)),
  '03': ({ hour }) => padded(hour12(hour), 2),
  '4': ({ minute }) => String(minute),
  '04': ({ minute }) => padded(minute, 2),
  '5': ({ second }) => String(second),
  '05': ({ second }) => padded(second, 2),
  '2006': ({ year }) => padded(year, 4),
  '06': ({ year }) => padded(Math.abs(year) % 100, 2),
  PM: ({ hour }) => (hour >= 12 ? 'PM' : 'AM'),
  pm: ({ hour }) => (hour >= 12 ? 'pm' : 'am'),
  MST: ({ abbreviation, offset }) =>
    abbreviation === '' ? offsetText(offset, { zulu: false, colons: false, parts: 2 }) : abbreviation,
  offset: ({ offset }, field) => (field.offset === undefined ? '' : offsetText(offset, field.offset)),
  fraction0: ({ nanos }, field) => fractionText(nanos, field),
  fraction9: ({ nanos }, field) => fractionText(nanos, field),
}

/** A printer for a Go layout, in a zone's time (UTC by default). */
export function compileTimePrinter(layout: string, zone: Zone = utc): (instant: Instant) => string {
  const { fields, tail } = parseLayout(layout)
  return (instant) => {
    const time = wallTime(instant, zone)
    let text = ''
    for (const field of fields) text += field.prefix + printers[field.kind](time, field)
    return text + tail
  }
}
