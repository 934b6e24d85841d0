/**
 * Notices a Node stream that swallows entries: they go in, and neither come out nor are settled. The source then waits for
 * ever, since it can't know that they were dropped.
 */
import type { Duplex, Writable } from 'node:stream'
import type { Ack } from '../flow/ack.ts'
import { Batch } from '../flow/batch.ts'
import type { Clock } from '../flow/clock.ts'
import { Entry } from '../flow/entry.ts'
import type { Outcome } from '../flow/outcome.ts'

/** Long enough for a function that asks another machine. */
const PATIENCE_MS = 10_000

export interface WatchOptions {
  readonly clock: Clock
  /** Called once, with how many entries the stream holds. */
  readonly warn: (entries: number) => void
  /** Whether what follows the stream has room; what waits for that isn't swallowed. */
  readonly hasRoom: () => boolean
}

/**
 * Watches a stream that isn't ours. Entries owe their acknowledgement through the watch while they are inside: it is
 * taken off again when they come out.
 */
export function watchForSwallowing(stream: Writable | Duplex, { clock, warn, hasRoom }: WatchOptions): void {
  let inside = 0
  let moved = clock.now()
  let waiting = false
  let warned = false
  const look = (): void => {
    waiting = false
    if (warned || inside === 0 || stream.destroyed) return
    const idle = clock.now() - moved
    if (idle < PATIENCE_MS) return wait(PATIENCE_MS - idle)
    if (stream.writableLength > 0 || !isRead(stream) || !hasRoom()) return wait(PATIENCE_MS)
    warned = true
    warn(inside)
  }
  const wait = (ms: number): void => {
    if (waiting) return
    waiting = true
    clock.after(ms, look)
  }
  const leave = (): void => {
    inside--
    moved = clock.now()
  }
  const enter = (chunk: unknown): void => {
    for (const entry of entriesIn(chunk)) {
      entry.ack = new WatchedAck(entry.ack, leave)
      inside++
    }
    moved = clock.now()
    if (inside > 0) wait(PATIENCE_MS)
  }
  const write = stream.write.bind(stream)
  stream.write = ((chunk: unknown, ...rest: unknown[]) => {
    enter(chunk)
    return Reflect.apply(write, undefined, [chunk, ...rest])
  }) as typeof stream.write
  if (!('push' in stream)) return
  const push = stream.push.bind(stream)
  stream.push = (chunk: unknown, ...rest) => {
    for (const entry of entriesIn(chunk)) if (entry.ack instanceof WatchedAck) entry.ack = entry.ack.takeOff()
    return push(chunk, ...rest)
  }
}

function isRead(stream: Writable | Duplex): boolean {
  return !('readableLength' in stream) || stream.readableLength === 0
}

function entriesIn(chunk: unknown): readonly Entry[] {
  if (chunk instanceof Batch) return chunk.follow()
  return chunk instanceof Entry ? [chunk] : []
}

class WatchedAck implements Ack {
  readonly replayable: boolean
  readonly #whole: Ack
  readonly #leave: () => void
  #inside = true

  constructor(whole: Ack, leave: () => void) {
    this.#whole = whole
    this.#leave = leave
    this.replayable = whole.replayable
  }

  settle(outcome: Outcome): void {
    this.takeOff().settle(outcome)
  }

  /** Clones owe it in parts from here on, or it was merged with others. */
  passedOn(): void {
    this.takeOff()
  }

  takeOff(): Ack {
    if (this.#inside) this.#leave()
    this.#inside = false
    return this.#whole
  }
}
