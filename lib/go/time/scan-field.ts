/** Reads the single fields of a time text: one small function per kind of field, chosen when a layout is compiled. */

import {
  type Field,
  monthNames,
  type OffsetStyle,
  shortMonthNames,
  shortWeekdayNames,
  weekdayNames,
} from './layout.ts'

/** What has been read of one text; reused from text to text. */
export interface Scan {
  text: string
  at: number
  year: number
  /** -1 if the text has none, as the next two. */
  month: number
  day: number
  yearDay: number
  hour: number
  minute: number
  second: number
  nanos: number
  afternoon: boolean
  morning: boolean
  zulu: boolean
  /** Seconds east of UTC, -1 for none. */
  offset: number
  zoneName: string
}

/** Reads one field at `scan.at` and moves on; false where the text doesn't fit. */
type FieldReader = (scan: Scan) => boolean

const space = 32

function digitAt(text: string, at: number): number {
  const digit = text.charCodeAt(at) - 48
  return digit >= 0 && digit <= 9 ? digit : -1
}

/** Skips literal text; runs of blanks count as equal, and a blank of the layout may be missing at the text's end. */
export function skipLiteral(scan: Scan, literal: string): boolean {
  const { text } = scan
  let at = scan.at
  let i = 0
  while (i < literal.length) {
    const code = literal.charCodeAt(i)
    if (code === space) {
      if (at < text.length && text.charCodeAt(at) !== space) return false
      while (literal.charCodeAt(i) === space) i++
      while (text.charCodeAt(at) === space) at++
      continue
    }
    if (text.charCodeAt(at) !== code) return false
    i++
    at++
  }
  scan.at = at
  return true
}

/** One or two digits, `fixed` two; -1 if there are none. */
function number2(scan: Scan, fixed: boolean): number {
  const first = digitAt(scan.text, scan.at)
  if (first < 0) return -1
  const second = digitAt(scan.text, scan.at + 1)
  if (second >= 0) {
    scan.at += 2
    return first * 10 + second
  }
  if (fixed) return -1
  scan.at++
  return first
}

function number3(scan: Scan, fixed: boolean): number {
  let value = 0
  let count = 0
  for (; count < 3; count++) {
    const digit = digitAt(scan.text, scan.at + count)
    if (digit < 0) break
    value = value * 10 + digit
  }
  if (count === 0 || (fixed && count !== 3)) return -1
  scan.at += count
  return value
}

const signed = /^([+-]?)(\d*)$/

/** Go reads some fixed-width fields by a function that takes a sign, also alone: `-5` is a valid two-digit year. */
function signedNumber(text: string): number | undefined {
  const match = signed.exec(text)
  if (match === null) return undefined
  return match[1] === '-' ? -Number(match[2]) : Number(match[2])
}

function readYear2(scan: Scan): boolean {
  const part = scan.text.slice(scan.at, scan.at + 2)
  const year = part.length === 2 ? signedNumber(part) : undefined
  if (year === undefined) return false
  scan.at += 2
  scan.year = year + (year >= 69 ? 1900 : 2000)
  return true
}

function readYear4(scan: Scan): boolean {
  let year = 0
  for (let i = 0; i < 4; i++) {
    const digit = digitAt(scan.text, scan.at + i)
    if (digit < 0) return false
    year = year * 10 + digit
  }
  scan.at += 4
  scan.year = year
  return true
}

function startsWithIgnoringCase(text: string, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = text.charCodeAt(at + i)
    const wanted = name.charCodeAt(i)
    // Letters differ from their other case in one bit; names are made of ASCII letters only.
    if (code !== wanted && (code ^ wanted) !== 32) return false
  }
  return true
}

/** The index of the name that comes next, in any case, or -1. */
function readName(scan: Scan, names: string[]): number {
  const { text, at } = scan
  let found = names.findIndex((name) => text.startsWith(name, at))
  if (found < 0) found = names.findIndex((name) => startsWithIgnoringCase(text, at, name))
  if (found >= 0) scan.at += names[found]?.length ?? 0
  return found
}

function monthReader(names: string[]): FieldReader {
  return (scan) => {
    scan.month = readName(scan, names) + 1
    return scan.month > 0
  }
}

function monthNumberReader(fixed: boolean): FieldReader {
  return (scan) => {
    scan.month = number2(scan, fixed)
    return scan.month >= 1 && scan.month <= 12
  }
}

function dayReader(fixed: boolean, padded: boolean): FieldReader {
  return (scan) => {
    if (padded && scan.text.charCodeAt(scan.at) === space) scan.at++
    scan.day = number2(scan, fixed)
    return scan.day >= 0
  }
}

function yearDayReader(fixed: boolean): FieldReader {
  return (scan) => {
    for (let i = 0; i < 2 && !fixed && scan.text.charCodeAt(scan.at) === space; i++) scan.at++
    scan.yearDay = number3(scan, fixed)
    return scan.yearDay >= 0
  }
}

function hourReader(fixed: boolean, last: number): FieldReader {
  return (scan) => {
    scan.hour = number2(scan, fixed)
    return scan.hour >= 0 && scan.hour <= last
  }
}

function minuteReader(fixed: boolean): FieldReader {
  return (scan) => {
    scan.minute = number2(scan, fixed)
    return scan.minute >= 0 && scan.minute <= 59
  }
}

function isSeparator(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code === 46 || code === 44
}

/** Reads a separator and all digits after it, cut to nanoseconds; nothing if there are none. */
function readFraction(scan: Scan): boolean {
  const { text } = scan
  if (!isSeparator(text, scan.at) || digitAt(text, scan.at + 1) < 0) return true
  let at = scan.at + 1
  let nanos = 0
  let scale = 1e9
  for (let digit = digitAt(text, at); digit >= 0; digit = digitAt(text, ++at)) {
    if (scale === 1) continue
    scale /= 10
    nanos += digit * scale
  }
  scan.nanos = nanos
  scan.at = at
  return true
}

/** Go takes a fraction after the seconds even if the layout has none, unless a fraction is the layout's next field. */
function secondReader(fixed: boolean, beforeFraction: boolean): FieldReader {
  return (scan) => {
    scan.second = number2(scan, fixed)
    if (scan.second < 0 || scan.second > 59) return false
    return beforeFraction || readFraction(scan)
  }
}

/** Exactly as many digits as the layout has zeros. */
function fractionReader(digits: number): FieldReader {
  return (scan) => {
    const { text, at } = scan
    if (!isSeparator(text, at) || text.length < at + 1 + digits) return false
    const used = Math.min(digits, 9)
    const value = signedNumber(text.slice(at + 1, at + 1 + used))
    if (value === undefined || value < 0) return false
    scan.nanos = Math.abs(value) * 10 ** (9 - used)
    scan.at = at + 1 + digits
    return true
  }
}

function halfDayReader(morning: string, afternoon: string): FieldReader {
  return (scan) => {
    if (scan.text.startsWith(afternoon, scan.at)) scan.afternoon = true
    else if (scan.text.startsWith(morning, scan.at)) scan.morning = true
    else return false
    scan.at += 2
    return true
  }
}

/** Two digits at a place, -1 if there are none. */
function pairAt(text: string, at: number): number {
  const first = digitAt(text, at)
  const second = digitAt(text, at + 1)
  return first < 0 || second < 0 ? -1 : first * 10 + second
}

function offsetReader({ zulu, colons, parts }: OffsetStyle): FieldReader {
  const step = colons ? 3 : 2
  const width = 1 + 2 + (parts - 1) * step
  return (scan) => {
    const { text, at } = scan
    if (zulu && text.charCodeAt(at) === 90) {
      scan.zulu = true
      scan.at = at + 1
      return true
    }
    const sign = text.charCodeAt(at)
    if (sign !== 43 && sign !== 45) return false
    for (let i = 1; colons && i < parts; i++) if (text.charCodeAt(at + i * 3) !== 58) return false
    const hours = pairAt(text, at + 1)
    const minutes = parts > 1 ? pairAt(text, at + 1 + step) : 0
    const seconds = parts > 2 ? pairAt(text, at + 1 + 2 * step) : 0
    // 24 hours, 60 minutes and 60 seconds pass, as some write them.
    if (hours < 0 || minutes < 0 || seconds < 0 || hours > 24 || minutes > 60 || seconds > 60) return false
    const offset = (hours * 60 + minutes) * 60 + seconds
    scan.offset = sign === 45 && offset !== 0 ? -offset : offset
    scan.at = at + width
    return true
  }
}

/** The length of a sign and a number up to 23, else 0. */
function hourOffsetLength(text: string, at: number): number {
  const sign = text.charCodeAt(at)
  if (sign !== 43 && sign !== 45) return 0
  let end = at + 1
  let value = 0
  for (let digit = digitAt(text, end); digit >= 0; digit = digitAt(text, ++end)) value = value * 10 + digit
  return end === at + 1 || value > 23 ? 0 : end - at
}

/** The length of what looks like a zone's abbreviation, else 0: three to five capitals, `GMT+3`, `+03`. */
function zoneNameLength(text: string, at: number): number {
  if (text.length < at + 3) return 0
  if (text.startsWith('ChST', at) || text.startsWith('MeST', at)) return 4
  if (text.startsWith('GMT', at)) return 3 + hourOffsetLength(text, at + 3)
  const first = text.charCodeAt(at)
  if (first === 43 || first === 45) return hourOffsetLength(text, at)
  let capitals = 0
  while (capitals < 6 && text.charCodeAt(at + capitals) >= 65 && text.charCodeAt(at + capitals) <= 90)
    capitals++
  if (capitals === 3) return 3
  if (capitals === 4) return text[at + 3] === 'T' || text.startsWith('WITA', at) ? 4 : 0
  return capitals === 5 && text[at + 4] === 'T' ? 5 : 0
}

function readZoneName(scan: Scan): boolean {
  const { text, at } = scan
  if (text.startsWith('UTC', at)) {
    scan.zulu = true
    scan.at = at + 3
    return true
  }
  const length = zoneNameLength(text, at)
  if (length === 0) return false
  scan.zoneName = text.slice(at, at + length)
  scan.at = at + length
  return true
}

const weekday: FieldReader = (scan) => readName(scan, weekdayNames) >= 0
const shortWeekday: FieldReader = (scan) => readName(scan, shortWeekdayNames) >= 0

/** The reader of a field; `beforeFraction` says that the layout's next field is a fraction of a second. */
export function compileField(field: Field, beforeFraction: boolean): FieldReader {
  const readers: Record<Field['kind'], FieldReader> = {
    January: monthReader(monthNames),
    Jan: monthReader(shortMonthNames),
    '1': monthNumberReader(false),
    '01': monthNumberReader(true),
    Monday: weekday,
    Mon: shortWeekday,
    '2': dayReader(false, false),
    _2: dayReader(false, true),
    '02': dayReader(true, false),
    __2: yearDayReader(false),
    '002': yearDayReader(true),
    '15': hourReader(false, 23),
    '3': hourReader(false, 12),
    '03': hourReader(true, 12),
    '4': minuteReader(false),
    '04': minuteReader(true),
    '5': secondReader(false, beforeFraction),
    '05': secondReader(true, beforeFraction),
    '2006': readYear4,
    '06': readYear2,
    PM: halfDayReader('AM', 'PM'),
    pm: halfDayReader('am', 'pm'),
    MST: readZoneName,
    offset: offsetReader(field.offset ?? { zulu: false, colons: false, parts: 2 }),
    fraction0: fractionReader(field.digits),
    fraction9: readFraction,
  }
  return readers[field.kind]
}
