/** The receiver of one component id for as long as the process runs; the component it sends to may be replaced. */
import type { Writable } from 'node:stream'
import type { Batch } from '../../flow/batch.ts'
import type { Receiver } from '../../component/component.ts'
import type { Entry } from '../../flow/entry.ts'
import { Signal } from '../../flow/signal.ts'
import { receiverFor } from '../../component/fanout.ts'

export class Gate implements Receiver {
  readonly id: string
  readonly #opened = new Signal()
  readonly #watchers = new Set<(entries: readonly Entry[]) => void>()
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

  /**
   * Shows every batch to `watcher` before it goes in, until the returned function is called. The entries must not be
   * kept or changed.
   */
  watch(watcher: (entries: readonly Entry[]) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  send(batch: Batch): Promise<void> | void {
    for (const watcher of this.#watchers) watcher(batch.peek())
    return this.#receiver === undefined ? this.#sendLater(batch) : this.#receiver.send(batch)
  }

  async #sendLater(batch: Batch): Promise<void> {
    while (this.#receiver === undefined) await this.#opened.next()
    await this.#receiver.send(batch)
  }
}
