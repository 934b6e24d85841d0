/** The receiver of one component id for as long as the process runs; the component it sends to may be replaced. */
import type { Writable } from 'node:stream'
import type { Batch } from '../../flow/batch.ts'
import { BatchTap, type BatchWatcher } from '../../flow/batch-tap.ts'
import type { Receiver } from '../../component/component.ts'
import { Signal } from '../../flow/signal.ts'
import { receiverFor } from '../../component/fanout.ts'

export class Gate implements Receiver {
  readonly id: string
  readonly #opened = new Signal()
  readonly #tap = new BatchTap()
  #receiver: Receiver | undefined

  constructor(id: string) {
    this.id = id
  }

  /** Sends batches on to `writable`. */
  open(writable: Writable): void {
    this.#receiver = receiverFor(this.id, () => writable)
    this.#opened.notify()
  }

  /** Makes batches wait: the component is being replaced. */
  shut(): void {
    this.#receiver = undefined
  }

  /** Shows every batch to `watcher` before it goes in, until the returned function is called. */
  watch(watcher: BatchWatcher): () => void {
    return this.#tap.watch(watcher)
  }

  send(batch: Batch): Promise<void> | void {
    this.#tap.show(batch)
    return this.#receiver === undefined ? this.#sendLater(batch) : this.#receiver.send(batch)
  }

  async #sendLater(batch: Batch): Promise<void> {
    while (this.#receiver === undefined) await this.#opened.next()
    await this.#receiver.send(batch)
  }
}
