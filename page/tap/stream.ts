/** The stream of a tap. It is open only while the page is visible and not paused. */
import { batch, effect, signal, untracked } from '@preact/signals'
import type { TapCounts, TapMessage, TappedEntry, Trace } from '../../lib/admin/tap/messages.ts'
import { messageOf, askLive } from '../server.ts'
import { asked } from './asked.ts'

/** Rows kept; older ones are dropped. */
const MOST = 1000
/** How often the list is updated. */
const SHOW_MS = 250
const RETRY_MS = 2000

export type Seen = TappedEntry | Trace
export type TapState = 'off' | 'connecting' | 'open' | 'hidden' | 'lost'

export const tapState = signal<TapState>('off')
/** Newest first. */
export const seen = signal<readonly Seen[]>([])
/** Closes the stream. */
export const paused = signal(false)
export const counts = signal<TapCounts | undefined>(undefined)
/** Entries that passed in the last second. */
export const rate = signal(0)
export const failure = signal('')

const hidden = signal(document.hidden)
document.addEventListener('visibilitychange', () => (hidden.value = document.hidden))

/** Follows the address until the returned function is called. */
export function keepTapping(): () => void {
  let close: () => void = () => {}
  let last = ''
  const stop = effect(() => {
    const { component, stages } = asked.value
    const now = `${component} ${stages}`
    const held = paused.value ? 'off' : hidden.value ? 'hidden' : undefined
    untracked(() => {
      close()
      close = () => {}
      if (now !== last) reset()
      last = now
      if (component === '' || held !== undefined) tapState.value = held ?? 'off'
      else close = open(component, stages)
    })
  })
  return () => {
    stop()
    close()
    reset()
  }
}

function reset(): void {
  batch(() => {
    tapState.value = 'off'
    seen.value = []
    counts.value = undefined
    rate.value = 0
    failure.value = ''
    paused.value = false
  })
}

function open(component: string, stages: boolean): () => void {
  const stop = new AbortController()
  let fresh: Seen[] = []
  let retry: ReturnType<typeof setTimeout> | undefined
  const path = component.split('/').map(encodeURIComponent).join('/')
  const read = async (): Promise<void> => {
    tapState.value = 'connecting'
    try {
      const address = `api/v0/logstream/tap/${path}${stages ? '?stages=1' : ''}`
      for await (const message of askLive<TapMessage>(address, { signal: stop.signal })) {
        tapState.value = 'open'
        failure.value = ''
        if (message.kind === 'counts') count(message)
        else fresh.push(message)
      }
    } catch (error) {
      if (!stop.signal.aborted) failure.value = messageOf(error)
    }
    if (stop.signal.aborted) return
    tapState.value = 'lost'
    retry = setTimeout(() => void read(), RETRY_MS)
  }
  const take = (): void => {
    if (fresh.length === 0) return
    seen.value = joined(fresh, seen.value)
    fresh = []
  }
  void read()
  const timer = setInterval(take, SHOW_MS)
  return () => {
    stop.abort()
    clearInterval(timer)
    clearTimeout(retry)
    take()
  }
}

// Counts come once a second.
function count(next: TapCounts): void {
  const before = counts.peek()
  batch(() => {
    rate.value = before === undefined ? 0 : Math.max(0, next.seen - before.seen)
    counts.value = next
  })
}

// A trace replaces an earlier one of the same entry.
function joined(fresh: readonly Seen[], before: readonly Seen[]): readonly Seen[] {
  const numbers = new Set(fresh.flatMap((each) => (each.kind === 'trace' ? [each.number] : [])))
  const kept =
    numbers.size === 0 ? before : before.filter((each) => each.kind !== 'trace' || !numbers.has(each.number))
  return [...fresh.toReversed(), ...kept].slice(0, MOST)
}
