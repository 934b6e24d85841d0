/** How many lines there are in each step of the range, divided by a label: the histogram over the lines. */
import { batch, signal } from '@preact/signals'
import type { MatrixData } from '../../lib/logql/api/answers.ts'
import type { SourceStatus } from '../../lib/page/status.ts'
import { volumeQuery } from '../logql/query.ts'
import { messageOf } from '../server.ts'
import { levelOf, LEVELS } from './line.ts'
import { askRange, type RangeQuery } from './loki.ts'
import { stepFor } from './times.ts'

const MOST_BARS = 90

export interface VolumePart {
  /** The value of the label; a level where it is divided by level. */
  readonly name: string
  /** One for each bar. */
  readonly counts: readonly number[]
  readonly total: number
}

export interface Volume {
  /** Where each bar begins, in seconds since 1970. */
  readonly starts: readonly number[]
  readonly seconds: number
  readonly parts: readonly VolumePart[]
  readonly byLevel: boolean
}

export const volume = signal<Volume | undefined>(undefined)
export const volumeFailure = signal('')

export function clearVolume(): void {
  volume.value = undefined
  volumeFailure.value = ''
}

export async function askVolume(
  source: SourceStatus,
  { query, by, from, to, signal: stopped }: RangeQuery & { readonly by: string },
): Promise<void> {
  const seconds = stepFor({ from, to }, MOST_BARS)
  const ms = seconds * 1000
  // A point counts the lines of the step before it.
  const first = Math.floor(from / ms) * ms
  const last = Math.ceil(to / ms) * ms
  try {
    const data = await askRange(
      source,
      { query: volumeQuery(query, by, seconds), from: first + ms, to: last, signal: stopped },
      { step: String(seconds) },
    )
    if (stopped.aborted || data.resultType !== 'matrix') return
    const starts = Array.from({ length: Math.round((last - first) / ms) }, (_, i) => (first + i * ms) / 1000)
    batch(() => {
      volume.value = { starts, seconds, parts: partsOf(data, by, starts, seconds), byLevel: isLevel(by) }
      volumeFailure.value = ''
    })
  } catch (error) {
    if (stopped.aborted) return
    batch(() => {
      clearVolume()
      volumeFailure.value = messageOf(error)
    })
  }
}

export function isLevel(by: string): boolean {
  return by === 'detected_level' || by === 'level'
}

function partsOf(
  { result }: MatrixData,
  by: string,
  starts: readonly number[],
  seconds: number,
): readonly VolumePart[] {
  const counts = new Map<string, number[]>()
  for (const { metric, values } of result) {
    const value = Object.hasOwn(metric, by) ? metric[by]! : ''
    const name = isLevel(by) ? levelOf(value) : value
    const row = counts.get(name) ?? starts.map(() => 0)
    for (const [time, count] of values) {
      const at = Math.round((time - seconds - starts[0]!) / seconds)
      if (at >= 0 && at < row.length) row[at]! += Number(count)
    }
    counts.set(name, row)
  }
  const parts = [...counts].map(([name, row]) => ({
    name,
    counts: row,
    total: row.reduce((sum, count) => sum + count, 0),
  }))
  const order: readonly string[] = LEVELS
  return isLevel(by)
    ? parts.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
    : parts.sort((a, b) => b.total - a.total)
}
