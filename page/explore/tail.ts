/** The live tail: lines as they come, the newest ten thousand of them, with a pause. */
import { batch, computed, effect, signal, untracked } from '@preact/signals'
import { logTree } from '../logql/query.ts'
import { asked, source } from './asked.ts'
import { linesOf, type Line } from './line.ts'
import { tailAddress, type TailMessage } from './loki.ts'

/** Older lines than these are let go; a query has them. */
const MOST = 10_000
/** Lines are shown this often, however fast they come. */
const SHOW_MS = 200
const RETRY_MS = 2000

export type TailState = 'off' | 'connecting' | 'open' | 'lost'

export const tailState = signal<TailState>('off')
/** In the order asked for. */
export const tailed = signal<readonly Line[]>([])
export const paused = signal(false)
/** Lines that came during a pause. */
export const waiting = signal(0)
/** Lines a second, over the last seconds. */
export const tailRate = signal(0)
/** Lines that Loki says it left out because they came too fast. */
export const leftOut = signal(0)

export const tailing = computed(() => asked.value.live && logTree(asked.value.query) !== undefined)

const question = computed(() =>
  tailing.value && source.value !== undefined
    ? JSON.stringify([source.value.path, asked.value.query, asked.value.oldestFirst])
    : '',
)

/** Follows the address: opens a tail where it asks for one. The result ends it. */
export function keepTailing(): () => void {
  let close: () => void = () => {}
  const stop = effect(() => {
    const wanted = question.value !== ''
    close()
    close = () => {}
    untracked(() => {
      reset()
      if (wanted) close = open()
      else tailState.value = 'off'
    })
  })
  return () => {
    stop()
    close()
    tailState.value = 'off'
  }
}

function reset(): void {
  batch(() => {
    tailed.value = []
    paused.value = false
    waiting.value = 0
    tailRate.value = 0
    leftOut.value = 0
  })
}

function open(): () => void {
  const at = source.value!
  const { query, oldestFirst } = asked.value
  let fresh: Line[] = []
  let came: number[] = []
  let socket: WebSocket | undefined
  let ended = false
  let retry: ReturnType<typeof setTimeout> | undefined
  const connect = (): void => {
    tailState.value = 'connecting'
    socket = new WebSocket(tailAddress(at, query))
    socket.onopen = () => (tailState.value = 'open')
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      const { streams = [], dropped_entries: dropped } = JSON.parse(data) as TailMessage
      fresh.push(...linesOf(streams, false))
      if (dropped !== undefined && dropped !== null) leftOut.value += dropped.length
    }
    socket.onclose = () => {
      if (ended) return
      tailState.value = 'lost'
      retry = setTimeout(connect, RETRY_MS)
    }
  }
  const take = (): void => {
    came = [...came.slice(-24), fresh.length]
    tailRate.value = (came.reduce((sum, count) => sum + count, 0) * 1000) / (came.length * SHOW_MS)
    if (paused.value) {
      // What waits is bounded as well.
      fresh = fresh.slice(-MOST)
      waiting.value = fresh.length
      return
    }
    if (fresh.length === 0) return
    const added = fresh.slice(-MOST)
    fresh = []
    batch(() => {
      waiting.value = 0
      tailed.value = oldestFirst
        ? [...tailed.value, ...added].slice(-MOST)
        : [...added.reverse(), ...tailed.value].slice(0, MOST)
    })
  }
  connect()
  const timer = setInterval(take, SHOW_MS)
  return () => {
    ended = true
    clearInterval(timer)
    clearTimeout(retry)
    socket?.close()
  }
}
