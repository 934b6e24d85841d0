/**
 * What a source keeps of its unsettled batches. Batches settle in any order (streams are regrouped, retries
 * overtake); the source's position may only move to the end of the longest settled run from the front.
 */
import { SourceAck, type Ack, type AckOwner } from './ack.ts'
import type { Ledger } from './ledger.ts'
import { Signal } from './signal.ts'

/** Unsettled bytes above which a source stops reading; two times what one loki.write queue holds by default. */
export const MAX_UNSETTLED_BYTES = 16 * 1024 * 1024

interface Outstanding<P> {
  readonly ack: SourceAck
  readonly position: P
  readonly bytes: number
}

export interface AckTrackerOptions<P> {
  readonly ledger: Ledger
  /** Whether the source reads again from its position after a restart. */
  readonly replayable: boolean
  /** Called with the newest position up to which everything has ended, and the bytes that have ended with it. */
  readonly onAdvance: (position: P, bytes: number) => void
  readonly maxUnsettledBytes?: number
}

/** `P` is whatever the source calls a position: a byte offset, a cursor, or nothing. */
export class AckTracker<P> implements AckOwner {
  readonly ledger: Ledger
  readonly replayable: boolean
  readonly #onAdvance: (position: P, bytes: number) => void
  readonly #limit: number
  readonly #outstanding: Outstanding<P>[] = []
  #bytes = 0
  readonly #moved = new Signal()

  constructor(options: AckTrackerOptions<P>) {
    this.ledger = options.ledger
    this.replayable = options.replayable
    this.#onAdvance = options.onAdvance
    this.#limit = options.maxUnsettledBytes ?? MAX_UNSETTLED_BYTES
  }

  /**
   * Takes over `units` units from outside: counts them as read and returns the acknowledgement that their
   * entries share. `position` is where the source stands once all of them have ended.
   */
  open(units: number, bytes: number, position: P): Ack {
    const ack = new SourceAck(this, units)
    this.ledger.units(units, this.replayable)
    this.#outstanding.push({ ack, position, bytes })
    this.#bytes += bytes
    // Bytes without a line in them (a blank at the end of a file) owe nothing but still move the position.
    if (units === 0) this.settled()
    return ack
  }

  settled(): void {
    let done = 0
    while (done < this.#outstanding.length && this.#outstanding[done]!.ack.done) done++
    if (done === 0) return
    const gone = this.#outstanding.splice(0, done)
    const ended = gone.reduce((sum, { bytes }) => sum + bytes, 0)
    this.#bytes -= ended
    this.#onAdvance(gone[done - 1]!.position, ended)
    if (this.#bytes <= this.#limit || this.#outstanding.length === 0) this.#moved.notify()
  }

  /** Batches that have not ended, counted from the oldest one. */
  get unsettled(): number {
    return this.#outstanding.length
  }

  /** Whether the source should wait for `room()` before it reads on. */
  get full(): boolean {
    return this.#bytes > this.#limit
  }

  /** Resolves when there is room for another batch. */
  room(): Promise<void> {
    return this.#moved.until(() => !this.full)
  }

  /** Resolves when everything that was opened has ended. */
  drained(): Promise<void> {
    return this.#moved.until(() => this.#outstanding.length === 0)
  }
}
