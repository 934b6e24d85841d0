/** Time zones: reads the system's zone files (RFC 8536), and asks the runtime where a system has none. */

import { existsSync, readFileSync } from 'node:fs'
import { clockByRule, type ClockPeriod, parseZoneRule, type ZoneRule } from './zone-rule.ts'

interface ClockType {
  abbreviation: string
  /** Seconds east of UTC. */
  offset: number
  summer: boolean
}

/** A time zone. Its fields are for this file; use `clockAt` and `offsetByName`. */
export interface Zone {
  readonly name: string
  readonly types: ClockType[]
  /** Unix seconds of the changes, ascending, and the type that each one starts. */
  readonly changes: number[]
  readonly changeTypes: number[]
  readonly rule?: ZoneRule
  readonly runtime?: Intl.DateTimeFormat
  /** The last answer: times of neighbouring log lines share it. */
  last: ClockPeriod
}

const always = { from: -Infinity, until: Infinity }
/** An answer that fits no time. */
const never: ClockPeriod = { abbreviation: '', offset: 0, from: Infinity, until: -Infinity }

/** A zone with one clock, e.g. for the offset `+02:00`. */
export function fixedZone(name: string, offset: number): Zone {
  const type = { abbreviation: name, offset, summer: false }
  return { name, types: [type], changes: [], changeTypes: [], last: { ...type, ...always } }
}

export const utc: Zone = { ...fixedZone('UTC', 0), types: [] }

/** The type before the first change: the rules are those of the reference code that RFC 8536 describes. */
function firstType(zone: Zone): ClockType | undefined {
  const { types, changeTypes } = zone
  if (!changeTypes.includes(0)) return types[0]
  const first = changeTypes[0] ?? 0
  if (types[first]?.summer === true) {
    const before = types.slice(0, first).findLast((type) => !type.summer)
    if (before !== undefined) return before
  }
  return types.find((type) => !type.summer) ?? types[0]
}

/** How many changes lie at or before a time. */
function changesUpTo(changes: number[], at: number): number {
  let low = 0
  let high = changes.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((changes[middle] ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return low
}

function clockByFile(zone: Zone, at: number): ClockPeriod {
  const { changes, changeTypes, types, rule } = zone
  const index = changesUpTo(changes, at)
  if (rule !== undefined && index === changes.length) {
    const period = clockByRule(rule, at)
    const from = Math.max(period.from, changes[index - 1] ?? -Infinity)
    return { ...period, from }
  }
  const type = index === 0 ? firstType(zone) : types[changeTypes[index - 1] ?? 0]
  const from = changes[index - 1] ?? -Infinity
  const until = changes[index] ?? Infinity
  return { abbreviation: type?.abbreviation ?? '', offset: type?.offset ?? 0, from, until }
}

function clockByRuntime(format: Intl.DateTimeFormat, at: number): ClockPeriod {
  // Changes fall on quarters of an hour in all zones since 1900.
  const from = Math.floor(at / 900) * 900
  const parts = format.formatToParts(new Date(from * 1000))
  const text = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /^GMT([+-])(\d+):?(\d+)?:?(\d+)?$/.exec(text) ?? []
  const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return { abbreviation: text, offset: sign === '-' ? -offset : offset, from, until: from + 900 }
}

/** The clock of a zone at a time (Unix seconds): its offset and abbreviation, and for which time they hold. */
export function clockAt(zone: Zone, at: number): ClockPeriod {
  const { last } = zone
  if (at >= last.from && at < last.until) return last
  const found = zone.runtime === undefined ? clockByFile(zone, at) : clockByRuntime(zone.runtime, at)
  zone.last = found
  return found
}

/**
 * The Unix seconds of a wall clock time, given as if it were UTC. Of a time that the clock skips or shows twice, the
 * same one is taken as by Go's `time.Date`.
 */
export function fromWallClock(zone: Zone, wall: number): number {
  const { offset } = clockAt(zone, wall)
  return offset === 0 ? wall : wall - clockAt(zone, wall - offset).offset
}

/**
 * The offset that an abbreviation such as `CEST` has in a zone: the one in effect at that wall clock time (given as if
 * it were UTC) if it fits, else that of any clock of this name. Undefined if the zone knows no such name.
 */
export function offsetByName(zone: Zone, name: string, wall: number): number | undefined {
  let other: number | undefined
  for (const { abbreviation, offset } of zone.types) {
    if (abbreviation !== name) continue
    const clock = clockAt(zone, wall - offset)
    if (clock.abbreviation === name) return clock.offset
    other ??= offset
  }
  return other
}

/**
 * Reads one block of a zone file. Header: "TZif", version, 15 unused bytes, then six counts of 32 bits (UT/local marks,
 * standard/wall marks, leap seconds, changes, types, bytes of abbreviations). Data: change times (4 or 8 bytes each), a
 * type index (1 byte) each, types (offset 4, summer 1, abbreviation index 1), abbreviations, leap seconds, marks.
 */
function readBlock(name: string, data: Buffer, at: number, width: 4 | 8): { zone: Zone; end: number } {
  const [utMarks, wallMarks, leaps, times, kinds, letters] = [0, 4, 8, 12, 16, 20].map((i) =>
    data.readUInt32BE(at + 20 + i),
  ) as [number, number, number, number, number, number]
  const timesAt = at + 44
  const indexAt = timesAt + times * width
  const typesAt = indexAt + times
  const lettersAt = typesAt + kinds * 6
  const end = lettersAt + letters + leaps * (width + 4) + wallMarks + utMarks
  if (end > data.length) throw new RangeError('cut short')
  const abbreviations = data.toString('latin1', lettersAt, lettersAt + letters)
  const types: ClockType[] = []
  for (let i = 0; i < kinds; i++) {
    const typeAt = typesAt + i * 6
    const start = data.readUInt8(typeAt + 5)
    const abbreviation = abbreviations.slice(start).split('\0', 1)[0] ?? ''
    types.push({ abbreviation, offset: data.readInt32BE(typeAt), summer: data.readUInt8(typeAt + 4) !== 0 })
  }
  const changes: number[] = []
  for (let i = 0; i < times; i++) {
    const timeAt = timesAt + i * width
    changes.push(width === 4 ? data.readInt32BE(timeAt) : Number(data.readBigInt64BE(timeAt)))
  }
  const changeTypes = [...data.subarray(indexAt, typesAt)]
  return { zone: { name, types, changes, changeTypes, last: never }, end }
}

/** The zone in the bytes of a zone file, https://www.rfc-editor.org/rfc/rfc8536, undefined for anything else. */
export function readZone(name: string, data: Buffer): Zone | undefined {
  try {
    if (data.toString('latin1', 0, 4) !== 'TZif') return undefined
    const first = readBlock(name, data, 0, 4)
    const isOld = data.readUInt8(4) === 0
    const { zone, end } = isOld ? first : readBlock(name, data, first.end, 8)
    if (zone.types.length === 0 || zone.changeTypes.some((type) => type >= zone.types.length))
      return undefined
    // After the second block: LF, rule, LF.
    const footer = data.toString('latin1', end)
    return isOld ? zone : { ...zone, rule: parseZoneRule(footer.slice(1, -1)) }
  } catch {
    return undefined
  }
}

const folders = ['/usr/share/zoneinfo', '/usr/share/lib/zoneinfo', '/usr/lib/locale/TZ', '/etc/zoneinfo']
/** Letters, digits, `_`, `+` and `-` between single slashes, so that no name leads out of the folder. */
const safeName = /^[A-Za-z][\w+-]*(?:\/[A-Za-z0-9][\w+-]*)*$/

function fromFiles(name: string, existing: string[]): Zone | undefined {
  for (const folder of existing) {
    let data: Buffer
    try {
      data = readFileSync(`${folder}/${name}`)
    } catch {
      continue
    }
    return readZone(name, data)
  }
  return undefined
}

/** The zone as the runtime's own data has it; abbreviations are `GMT+01:00` and the like. */
export function runtimeZone(name: string): Zone | undefined {
  try {
    const runtime = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
    return { name, types: [], changes: [], changeTypes: [], runtime, last: never }
  } catch {
    return undefined
  }
}

const loaded = new Map<string, Zone>()

/**
 * The time zone of an IANA name such as `Europe/Zurich`, or undefined if there is none. `UTC` and the empty name are
 * UTC, `Local` is the zone that this process runs in. Files are read once.
 */
export function loadZone(name: string): Zone | undefined {
  if (name === '' || name === 'UTC') return utc
  if (name === 'Local') return loadZone(new Intl.DateTimeFormat().resolvedOptions().timeZone) ?? utc
  const known = loaded.get(name)
  if (known !== undefined) return known
  if (!safeName.test(name)) return undefined
  const existing = folders.filter((folder) => existsSync(folder))
  const zone = existing.length > 0 ? fromFiles(name, existing) : runtimeZone(name)
  if (zone !== undefined) loaded.set(name, zone)
  return zone
}
