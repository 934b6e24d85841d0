/** What Explore has got: lines, a metric, or why not; and the asking itself. */
import { batch, computed, effect, signal, untracked } from '@preact/signals'
import type { MatrixData, QueryData } from '../../lib/logql/api/answers.ts'
import type { SourceStatus } from '../../lib/page/status.ts'
import { logTree } from '../logql/query.ts'
import { messageOf } from '../server.ts'
import { asked, source } from './asked.ts'
import type { Line } from './line.ts'
import { askLines, askRange } from './loki.ts'
import { rangeOf, stepFor, type TimeRange } from './times.ts'
import { askVolume, clearVolume } from './volume.ts'

/** The first page is small, so that it's there at once; the others are as large as Loki allows. */
const FIRST_PAGE = 1000
const NEXT_PAGE = 5000
/** More lines than this are better narrowed down, or downloaded with `logstream query`. */
export const MOST_LINES = 100_000
/** Points of a metric; about one for each pixel and a half. */
const MOST_POINTS = 600

export type Phase = 'idle' | 'asking' | 'done' | 'failed'

export const phase = signal<Phase>('idle')
export const failure = signal('')
export const lines = signal<readonly Line[]>([])
/** Whether older (or, oldest first, newer) lines may follow. */
export const more = signal(false)
export const fetchingMore = signal(false)
export const metric = signal<MatrixData['result'] | undefined>(undefined)
/** The range of the answer that is shown. */
export const range = signal<TimeRange>({ from: 0, to: 0 })
export const stepSeconds = signal(1)
/** Milliseconds that the last answer took. */
export const took = signal(0)

/** Asks again although nothing has changed: time has passed. */
const again = signal(0)

export function runAgain(): void {
  again.value++
}

let running = new AbortController()

const question = computed(() => {
  const { query, from, to, oldestFirst, live, by } = asked.value
  return JSON.stringify([source.value?.path, query, from, to, oldestFirst, live, by, again.value])
})

/** Asks whenever the question changes, until it's told to stop. */
export function keepAsking(): () => void {
  const stop = effect(() => {
    void question.value
    untracked(() => void ask())
  })
  return () => {
    stop()
    running.abort()
  }
}

async function ask(): Promise<void> {
  running.abort()
  running = new AbortController()
  const { signal: stopped } = running
  const { query, from, to, live } = asked.value
  const at = source.value
  if (query.trim() === '' || at === undefined) return clear('idle')
  // A live tail brings its own lines.
  if (live && logTree(query) !== undefined) return clear('idle')
  const span = rangeOf(from, to, Date.now())
  const began = performance.now()
  phase.value = 'asking'
  range.value = span
  try {
    await askWhole(at, span, stopped)
    took.value = performance.now() - began
    phase.value = 'done'
  } catch (error) {
    if (stopped.aborted) return
    batch(() => {
      clear('failed')
      failure.value = messageOf(error)
    })
  }
}

async function askWhole(at: SourceStatus, span: TimeRange, stopped: AbortSignal): Promise<void> {
  const { query, oldestFirst, by } = asked.value
  const isLog = logTree(query) !== undefined
  const order = { newestFirst: !oldestFirst, limit: FIRST_PAGE, last: [] }
  const step = stepFor(span, MOST_POINTS)
  const request = { query, ...span, signal: stopped }
  if (isLog) void askVolume(at, { ...span, query, by, signal: stopped })
  else clearVolume()
  const answer = isLog
    ? await askLines(at, request, order)
    : await askRange(at, aligned(request, step), { step: String(step) })
  batch(() => {
    stepSeconds.value = step
    lines.value = 'lines' in answer ? answer.lines : []
    more.value = 'lines' in answer && answer.full
    metric.value = 'lines' in answer ? undefined : seriesOf(answer)
  })
}

// Points at whole steps are the same ones at every asking, so that a chart doesn't flicker.
function aligned<T extends TimeRange>(span: T, step: number): T {
  const ms = step * 1000
  return { ...span, from: Math.ceil(span.from / ms) * ms }
}

function seriesOf(data: QueryData): MatrixData['result'] {
  if (data.resultType === 'matrix') return data.result
  if (data.resultType === 'vector')
    return data.result.map(({ metric: labels, value }) => ({ metric: labels, values: [value] }))
  return data.resultType === 'scalar' ? [{ metric: {}, values: [data.result] }] : []
}

function clear(to: Phase): void {
  batch(() => {
    phase.value = to
    failure.value = ''
    lines.value = []
    more.value = false
    metric.value = undefined
    clearVolume()
  })
}

/** Fetches the page after the last line. */
export async function fetchMore(): Promise<void> {
  const at = source.value
  const { signal: stopped } = running
  if (at === undefined || fetchingMore.value || !more.value || lines.value.length >= MOST_LINES) return
  const { query, oldestFirst } = asked.value
  fetchingMore.value = true
  try {
    const answer = await askLines(
      at,
      { query, ...range.value, signal: stopped },
      { newestFirst: !oldestFirst, limit: NEXT_PAGE, last: lines.value },
    )
    if (stopped.aborted || !('lines' in answer)) return
    batch(() => {
      lines.value = [...lines.value, ...answer.lines]
      more.value = answer.full && lines.value.length < MOST_LINES
    })
  } catch (error) {
    if (!stopped.aborted) failure.value = messageOf(error)
  } finally {
    fetchingMore.value = false
  }
}
