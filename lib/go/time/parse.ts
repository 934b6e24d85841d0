/** Reads times by a Go layout, with the rules of Go's time.Parse: the layout is compiled once, each text costs one pass. */

import { daysBeforeMonth, daysFromCivil, daysInMonth, type Instant, isLeapYear } from './instant.ts'
import { type Field, parseLayout } from './layout.ts'
import { compileField, type Scan, skipLiteral } from './scan-field.ts'
import { fixedZone, fromWallClock, offsetByName, type Zone, utc } from './zone.ts'

/** A time that was read, and the zone of its date and clock. */
export interface ZonedInstant extends Instant {
  zone: Zone
}

export type ZonedParser = (text: string) => ZonedInstant | undefined

type Step = (scan: Scan) => boolean

function compileSteps(fields: Field[]): Step[] {
  return fields.map((field, i) => {
    const nextKind = fields[i + 1]?.kind
    const read = compileField(field, nextKind === 'fraction0' || nextKind === 'fraction9')
    const { prefix } = field
    return prefix === '' ? read : (scan) => skipLiteral(scan, prefix) && read(scan)
  })
}

function reset(scan: Scan, text: string): void {
  scan.text = text
  scan.at = 0
  scan.year = 0
  scan.month = -1
  scan.day = -1
  scan.yearDay = -1
  scan.hour = 0
  scan.minute = 0
  scan.second = 0
  scan.nanos = 0
  scan.afternoon = false
  scan.morning = false
  scan.zulu = false
  scan.offset = -1
  scan.zoneName = ''
}

/** Sets month and day from a day of the year; false where they contradict it. */
function applyYearDay(scan: Scan): boolean {
  let { yearDay } = scan
  let month = 1
  let day = 0
  if (isLeapYear(scan.year) && yearDay === 60) {
    month = 2
    day = 29
  } else {
    if (isLeapYear(scan.year) && yearDay > 60) yearDay--
    if (yearDay < 1 || yearDay > 365) return false
    while (daysBeforeMonth(month + 1) < yearDay) month++
    day = yearDay - daysBeforeMonth(month)
  }
  if ((scan.month >= 0 && scan.month !== month) || (scan.day >= 0 && scan.day !== day)) return false
  scan.month = month
  scan.day = day
  return true
}

function completeDate(scan: Scan): boolean {
  if (scan.yearDay >= 0) {
    if (!applyYearDay(scan)) return false
  } else {
    if (scan.month < 0) scan.month = 1
    if (scan.day < 0) scan.day = 1
  }
  return scan.day >= 1 && scan.day <= daysInMonth(scan.month, scan.year)
}

const offsetZones = new Map<number, Zone>()

/** The zone of an offset in the text. Those of whole minutes are kept: there are few, and log lines repeat them. */
function offsetZone(name: string, offset: number): Zone {
  if (name !== '' || offset % 60 !== 0) return fixedZone(name, offset)
  let zone = offsetZones.get(offset)
  if (zone === undefined) {
    zone = fixedZone('', offset)
    offsetZones.set(offset, zone)
  }
  return zone
}

function zoned(scan: Scan, home: Zone): ZonedInstant {
  let { hour } = scan
  if (scan.afternoon && hour < 12) hour += 12
  else if (scan.morning && hour === 12) hour = 0
  const days = daysFromCivil(scan.year, scan.month, scan.day)
  const wall = days * 86400 + hour * 3600 + scan.minute * 60 + scan.second
  const { nanos } = scan
  if (scan.zulu) return { seconds: wall, nanos, zone: utc }
  // -1 marks "no offset", as in Go: -00:00:01 can't be told from it.
  if (scan.offset !== -1) {
    return { seconds: wall - scan.offset, nanos, zone: offsetZone(scan.zoneName, scan.offset) }
  }
  if (scan.zoneName === '') return { seconds: fromWallClock(home, wall), nanos, zone: home }
  const known = offsetByName(home, scan.zoneName, wall)
  if (known !== undefined) return { seconds: wall - known, nanos, zone: home }
  // An unknown abbreviation is taken as offset zero for the instant; only the printed zone of GMT+3 is three hours east.
  const offset = scan.zoneName.startsWith('GMT') ? Number(scan.zoneName.slice(3)) * 3600 : 0
  return { seconds: wall, nanos, zone: fixedZone(scan.zoneName, offset) }
}

/**
 * A parser for texts in a Go layout, like `time.ParseInLocation(layout, text, zone)`; it returns undefined if Go
 * fails. What the layout leaves out is zero or January 1, so a layout without a year reads the year 0. Texts without a
 * zone are in `zone` (UTC by default), and so are the abbreviations that it knows.
 */
export function compileTimeLayout(layout: string, zone: Zone = utc): ZonedParser {
  const { fields, tail } = parseLayout(layout)
  const steps = compileSteps(fields)
  const scan = {} as Scan
  reset(scan, '')
  return (text) => {
    reset(scan, text)
    for (const step of steps) if (!step(scan)) return undefined
    if (!skipLiteral(scan, tail) || scan.at !== text.length || !completeDate(scan)) return undefined
    return zoned(scan, zone)
  }
}
