/** Fetches the entries that failed, and why, whenever the address changes. */
import { batch, computed, effect, signal, untracked } from '@preact/signals'
import type {
  ExplainAnswer,
  ExplainRequest,
  FailedEntry,
  RecentFailures,
  RefusedEntries,
} from '../../lib/admin/failures/messages.ts'
import { source } from '../explore/asked.ts'
import type { Line } from '../explore/line.ts'
import { askLines } from '../explore/loki.ts'
import { rangeOf } from '../explore/times.ts'
import { askJson, messageOf } from '../server.ts'
import { asked, type Asked } from './asked.ts'

/** Entries fetched, the newest ones: enough to see what is wrong, and quick to run again. */
export const MOST = 1000
/** Longer lines are left out, and all lines must fit into one request. */
const LONGEST = 65_536
const ALL = 6_000_000

export interface Found {
  /** A source of Explore; `undefined`: the memory of the process. */
  readonly from: string | undefined
  readonly entries: readonly FailedEntry[]
  /** Whether there are more. */
  readonly more: boolean
  readonly answer: ExplainAnswer
}

export const phase = signal<'asking' | 'done' | 'failed'>('asking')
export const failure = signal('')
export const found = signal<Found | undefined>(undefined)
export const refused = signal<RefusedEntries | undefined>(undefined)

const again = signal(0)

export function askAgain(): void {
  again.value++
}

const question = computed(() => {
  const { group: _open, ...rest } = asked.value
  return JSON.stringify([rest, source.value?.path, again.value])
})

/** Asks whenever the question changes, until the returned function is called. */
export function keepAsking(): () => void {
  let running = new AbortController()
  const stop = effect(() => {
    void question.value
    untracked(() => {
      running.abort()
      running = new AbortController()
      void ask(running.signal)
    })
  })
  return () => {
    stop()
    running.abort()
  }
}

async function ask(stopped: AbortSignal): Promise<void> {
  phase.value = 'asking'
  const now = asked.value
  try {
    if (now.kind === 'refused') {
      const answer = await askJson<RefusedEntries>('api/v0/logstream/failures/refused', { signal: stopped })
      refused.value = answer
    } else found.value = await askParse(now, stopped)
    phase.value = 'done'
  } catch (error) {
    if (stopped.aborted) return
    batch(() => {
      phase.value = 'failed'
      failure.value = messageOf(error)
      found.value = undefined
      refused.value = undefined
    })
  }
}

async function askParse(now: Asked, stopped: AbortSignal): Promise<Found> {
  const { lines, more, from } = await failedEntries(now, stopped)
  const entries = bounded(lines)
  const body = requestOf(now, entries)
  const answer = await askJson<ExplainAnswer>('api/v0/logstream/failures/explain', { signal: stopped, body })
  return { from, entries, more, answer }
}

async function failedEntries(
  { selector, from }: Asked,
  stopped: AbortSignal,
): Promise<{ lines: readonly FailedEntry[]; more: boolean; from: string | undefined }> {
  const at = source.value
  if (at === undefined) {
    const { entries } = await askJson<RecentFailures>('api/v0/logstream/failures/recent', { signal: stopped })
    return { lines: entries, more: false, from: undefined }
  }
  const range = rangeOf(from, 'now', Date.now())
  const page = await askLines(
    at,
    { query: selector, ...range, signal: stopped },
    { newestFirst: true, limit: MOST, last: [] },
  )
  if (!('lines' in page)) throw new Error('expected a selector, found a metric')
  return { lines: page.lines.map(entryOf), more: page.full, from: at.name }
}

function entryOf({ text, labels, metadata, ns }: Line): FailedEntry {
  return { line: text, labels, structured_metadata: metadata, timestamp: ns }
}

function bounded(entries: readonly FailedEntry[]): readonly FailedEntry[] {
  let size = 0
  return entries.filter(({ line }) => {
    if (line.length > LONGEST || size + line.length > ALL) return false
    size += line.length
    return true
  })
}

export function requestOf({ selector, component }: Asked, entries: readonly FailedEntry[]): ExplainRequest {
  return { entries, selector, ...(component === '' ? {} : { component }) }
}
