/** Where lines from sockets and pipes become entries: collected into batches, stamped, accounted for, handed on. */
import { AckTracker } from '../flow/ack-tracker.ts'
import { Batch, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../flow/batch.ts'
import { Stamps, type Clock } from '../flow/clock.ts'
import { Entry } from '../flow/entry.ts'
import type { LabelSet } from '../flow/labels.ts'
import type { Ledger } from '../flow/ledger.ts'
import type { Outcome } from '../flow/outcome.ts'
import type { Instant } from '../go/rfc3339.ts'
import { BatchOutput } from './output.ts'

/**
 * One per component, shared by its connections. What is added goes out when a batch is full, or in any case before
 * the event loop waits again. Nothing here can be read again, so entries are not replayable.
 */
export class Intake {
  readonly output = new BatchOutput()
  readonly #tracker: AckTracker<undefined>
  readonly #stamps: Stamps
  #entries: Entry[] = []
  #bytes = 0
  #rejected: Outcome[] = []
  #scheduled = false
  #blocked = false
  #stopping = false
  readonly #released: (() => void)[] = []

  constructor(ctx: { readonly clock: Clock; readonly ledger: Ledger }) {
    this.#stamps = new Stamps(ctx.clock)
    this.#tracker = new AckTracker({ ledger: ctx.ledger, replayable: false, onAdvance: () => {} })
  }

  /** Takes a line over. Without a time it gets the present one. */
  add(line: string, labels: LabelSet, time?: Instant): void {
    if (this.#entries.length === 0) this.#stamps.refresh()
    let from: Instant = this.#stamps
    if (time === undefined) this.#stamps.next()
    else from = time
    this.#entries.push(new Entry(from.seconds, from.nanos, line, labels))
    this.#bytes += line.length
    if (this.#entries.length >= MAX_BATCH_ENTRIES || this.#bytes >= MAX_BATCH_BYTES) this.flush()
    else this.#schedule()
  }

  /** Counts a unit that was read and ends at once: it could not become an entry. */
  reject(outcome: Outcome): void {
    this.#rejected.push(outcome)
    this.#schedule()
  }

  /** Hands on what was collected. */
  flush(): void {
    const entries = this.#entries
    const rejected = this.#rejected
    const units = entries.length + rejected.length
    if (units === 0) return
    const ack = this.#tracker.open(units, this.#bytes, undefined)
    this.#entries = []
    this.#rejected = []
    this.#bytes = 0
    for (const outcome of rejected) ack.settle(outcome)
    if (entries.length === 0) return
    for (const entry of entries) entry.ack = ack
    if (!this.output.push(new Batch(entries))) this.#blocked = true
  }

  /** `undefined`: read on. Else resolves when there is room again: too much is unread, or unsettled. */
  room(): Promise<void> | undefined {
    if (this.#stopping || !(this.#blocked || this.#tracker.full)) return undefined
    return this.#wait()
  }

  /** From now on nobody is held back, so that what was read can be handed on. */
  release(): void {
    this.#stopping = true
    for (const resolve of this.#released.splice(0)) resolve()
  }

  /** Nothing more comes: hands on the rest and ends the output. */
  end(): void {
    this.flush()
    this.output.end()
  }

  async #wait(): Promise<void> {
    const released = new Promise<void>((resolve) => this.#released.push(resolve))
    await Promise.race([released, this.#drain()])
  }

  async #drain(): Promise<void> {
    await this.output.room()
    this.#blocked = false
    await this.#tracker.room()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.flush()
    })
  }
}
