/** Metrics of the last hours as the process keeps them, asked for while the view is open. */
import { signal } from '@preact/signals'
import type { MetricHistory } from '../../lib/page/history.ts'
import { askJson, messageOf } from '../server.ts'

const EVERY_MS = 15_000

export const SPANS = [
  { name: '15 min', ms: 15 * 60_000 },
  { name: '1 hour', ms: 3_600_000 },
  { name: '6 hours', ms: 6 * 3_600_000 },
] as const

export const spanMs = signal<number>(SPANS[1].ms)
export const history = signal<MetricHistory | undefined>(undefined)
export const historyFailure = signal('')

/** Asks for the history, now and again and again. The result ends it. */
export function keepHistory(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let ended = false
  const again = async (): Promise<void> => {
    if (!document.hidden) await refresh()
    if (!ended) timer = setTimeout(() => void again(), EVERY_MS)
  }
  void again()
  return () => {
    ended = true
    clearTimeout(timer)
  }
}

export async function refresh(): Promise<void> {
  try {
    const since = Date.now() - spanMs.peek()
    history.value = await askJson<MetricHistory>(`api/v0/logstream/history?since=${since}`)
    historyFailure.value = ''
  } catch (error) {
    historyFailure.value = messageOf(error)
  }
}
