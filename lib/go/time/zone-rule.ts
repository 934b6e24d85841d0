/** The rule at the end of a zone file, in the notation of POSIX's TZ variable: what holds after the last listed change. */

import { civilFromDays, daysBeforeMonth, daysFromCivil, daysInMonth, isLeapYear } from './instant.ts'

/** When in a year the clock changes. */
interface ChangeDay {
  kind: 'julian' | 'ordinal' | 'weekday'
  month: number
  week: number
  day: number
  /** Seconds of wall clock time after midnight. */
  time: number
}

interface Clock {
  abbreviation: string
  /** Seconds east of UTC. */
  offset: number
}

export interface ZoneRule {
  standard: Clock
  summer?: { clock: Clock; start: ChangeDay; end: ChangeDay }
}

/** A clock and the time, in Unix seconds, for which it holds: from included, until excluded. */
export interface ClockPeriod extends Clock {
  from: number
  until: number
}

const clockName = String.raw`(<[^>]*>|[^<0-9,+-][^0-9,+-]{2,})`
const clockOffset = String.raw`([+-]?\d{1,3}(?::\d{1,2}){0,2})`
const changeDay = String.raw`(J\d{1,3}|\d{1,3}|M\d{1,2}\.\d\.\d)(?:/([+-]?\d{1,3}(?::\d{1,2}){0,2}))?`
const ruleText = new RegExp(
  `^${clockName}${clockOffset}(?:${clockName}${clockOffset}?(?:[,;]${changeDay},${changeDay})?)?$`,
)

function seconds(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  const [hours = '0', minutes = '0', rest = '0'] = text.replace(/^[+-]/, '').split(':')
  return sign * (Number(hours) * 3600 + Number(minutes) * 60 + Number(rest))
}

function clockOf(name: string, offset: number): Clock {
  return { abbreviation: name.startsWith('<') ? name.slice(1, -1) : name, offset }
}

function changeOf(text: string, time: string | undefined): ChangeDay {
  const wall = time === undefined ? 7200 : seconds(time)
  if (text.startsWith('J'))
    return { kind: 'julian', month: 0, week: 0, day: Number(text.slice(1)), time: wall }
  if (!text.startsWith('M')) return { kind: 'ordinal', month: 0, week: 0, day: Number(text), time: wall }
  const [month = 1, week = 1, day = 0] = text.slice(1).split('.').map(Number)
  return { kind: 'weekday', month, week, day, time: wall }
}

/** The rule that a TZ text means, undefined for anything else. */
// rule = name offset [ name [ offset ] [ "," change "," change ] ]
// change = ( "J" day | day | "M" month "." week "." weekday ) [ "/" time ]
export function parseZoneRule(text: string): ZoneRule | undefined {
  const match = ruleText.exec(text)
  if (match === null) return undefined
  const [, name = '', offset = '', summerName, summerOffset, start, startTime, end, endTime] = match
  // The texts count hours west of UTC.
  const standard = clockOf(name, -seconds(offset))
  if (summerName === undefined) return { standard }
  const east = summerOffset === undefined ? standard.offset + 3600 : -seconds(summerOffset)
  const clock = clockOf(summerName, east)
  const from = changeOf(start ?? 'M3.2.0', startTime)
  return { standard, summer: { clock, start: from, end: changeOf(end ?? 'M11.1.0', endTime) } }
}

/** Unix seconds of a change in a year, seen with the offset that holds before it. */
function changeTime(change: ChangeDay, year: number, offset: number): number {
  let day = daysFromCivil(year, 1, 1)
  if (change.kind === 'ordinal') day += change.day
  else if (change.kind === 'julian') day += change.day - 1 + (isLeapYear(year) && change.day >= 60 ? 1 : 0)
  else {
    const { month, week } = change
    const first = day + daysBeforeMonth(month) + (month > 2 && isLeapYear(year) ? 1 : 0)
    // 1970-01-01 was a Thursday, which is weekday 4.
    const weekday = (((first + 4) % 7) + 7) % 7
    let ofMonth = (change.day - weekday + 7) % 7
    for (let i = 1; i < week && ofMonth + 7 < daysInMonth(month, year); i++) ofMonth += 7
    day = first + ofMonth
  }
  return day * 86400 + change.time - offset
}

/** The clock at a time by a rule. The period returned never reaches beyond the year in UTC. */
export function clockByRule(rule: ZoneRule, at: number): ClockPeriod {
  const { standard, summer } = rule
  if (summer === undefined) return { ...standard, from: -Infinity, until: Infinity }
  const { year } = civilFromDays(Math.floor(at / 86400))
  const yearStart = daysFromCivil(year, 1, 1) * 86400
  const yearEnd = daysFromCivil(year + 1, 1, 1) * 86400
  const start = changeTime(summer.start, year, standard.offset)
  const end = changeTime(summer.end, year, summer.clock.offset)
  // South of the equator summer spans New Year.
  const north = start <= end
  const [first, second] = north ? [start, end] : [end, start]
  const [inside, outside] = north ? [summer.clock, standard] : [standard, summer.clock]
  if (at < first) return { ...outside, from: yearStart, until: first }
  if (at >= second) return { ...outside, from: second, until: yearEnd }
  return { ...inside, from: first, until: second }
}
