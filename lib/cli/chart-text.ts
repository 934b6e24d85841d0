/** Names, numbers and times as a chart has room for them. */
import { formatLabels } from '../formats/label-text.ts'
import { visible } from './query-text.ts'

/** Labels as a selector, cut to `room` characters. */
export function seriesText(labels: Readonly<Record<string, string>>, room: number): string {
  const text = visible(formatLabels(Object.entries(labels)))
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`
}

/** Three or four digits that matter: 0.25, 12.3, 1.23k, 45.6M. */
export function shortNumber(value: number): string {
  const size = Math.abs(value)
  for (const [unit, letter] of [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e4, 'k'],
  ] as const)
    if (size >= unit) return `${digits(value / (letter === 'k' ? 1e3 : unit))}${letter}`
  return digits(value)
}

function digits(value: number): string {
  return String(Number(value.toPrecision(Math.abs(value) >= 1000 ? 4 : 3)))
}

/** `14:05`, or `11-28 14:05` where the chart spans days; UTC, as everywhere in the output of queries. */
export function wallTime(time: number, withDate: boolean): string {
  const text = new Date(time).toISOString()
  return withDate ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : text.slice(11, 16)
}
