/** Times as they're written in the address: `now-1h`, `now`, or milliseconds since 1970. */

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
}

const RELATIVE = /^now(?:-(\d{1,6})([smhdw]))?$/

/** Milliseconds since 1970; `undefined` if the text isn't a time. */
export function momentOf(text: string, now: number): number | undefined {
  const relative = RELATIVE.exec(text)
  if (relative !== null)
    return relative[1] === undefined ? now : now - Number(relative[1]) * UNITS[relative[2]!]!
  if (/^\d{11,14}$/.test(text)) return Number(text)
  const parsed = Date.parse(text)
  return Number.isNaN(parsed) ? undefined : parsed
}

function isRelative(text: string): boolean {
  return RELATIVE.test(text)
}

export interface TimeRange {
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
}

/** The range two texts stand for; the last hour where they stand for none. */
export function rangeOf(from: string, to: string, now: number): TimeRange {
  const start = momentOf(from, now)
  const end = momentOf(to, now)
  return start === undefined || end === undefined || start >= end
    ? { from: now - UNITS['h']!, to: now }
    : { from: start, to: end }
}

export const RELATIVE_RANGES: readonly { readonly from: string; readonly name: string }[] = [
  { from: 'now-5m', name: 'Last 5 minutes' },
  { from: 'now-15m', name: 'Last 15 minutes' },
  { from: 'now-1h', name: 'Last hour' },
  { from: 'now-3h', name: 'Last 3 hours' },
  { from: 'now-12h', name: 'Last 12 hours' },
  { from: 'now-1d', name: 'Last 24 hours' },
  { from: 'now-2d', name: 'Last 2 days' },
  { from: 'now-7d', name: 'Last 7 days' },
  { from: 'now-30d', name: 'Last 30 days' },
]

/** What to call a range. */
export function nameOfRange(from: string, to: string): string {
  const named = to === 'now' ? RELATIVE_RANGES.find((each) => each.from === from) : undefined
  if (named !== undefined) return named.name
  return `${nameOfMoment(from)} to ${nameOfMoment(to)}`
}

function nameOfMoment(text: string): string {
  if (isRelative(text)) return text
  const moment = momentOf(text, 0)
  return moment === undefined ? text : dateTime(moment)
}

const two = (value: number): string => String(value).padStart(2, '0')

/** `2026-01-31 13:05:09`, in the time zone of the browser. */
export function dateTime(ms: number): string {
  const at = new Date(ms)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clockTime(at)}`
}

function clockTime(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** `13:05:09.123`, with the day in front where the range spans several. */
export function lineTime(ms: number, withDay: boolean): string {
  const at = new Date(ms)
  const day = withDay ? `${two(at.getMonth() + 1)}-${two(at.getDate())} ` : ''
  return `${day}${clockTime(at)}.${String(at.getMilliseconds()).padStart(3, '0')}`
}

/** What an input of the type `datetime-local` holds. */
export function inputTime(ms: number): string {
  return dateTime(ms).replace(' ', 'T')
}

const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
  604_800,
]

/** A step in seconds that cuts the range into at most `most` pieces. */
export function stepFor({ from, to }: TimeRange, most: number): number {
  const seconds = (to - from) / 1000
  return STEPS.find((step) => seconds / step <= most) ?? STEPS.at(-1)!
}
