/** The receiver of one component id, for as long as the process lives: what stands behind it may be replaced. */
import type { Writable } from 'node:stream'
import type { Batch } from '../../flow/batch.ts'
import type { Receiver } from '../../component/component.ts'
import type { Entry } from '../../flow/entry.ts'
import { receiverFor } from '../../component/fanout.ts'

export class Gate implements Receiver {
  readonly id: string
  #receiver: Receiver | undefined
  #opened: (() => void)[] = []
  readonly #watchers = new Set<(entries: readonly Entry[]) => void>()

  constructor(id: string) {
    this.id = id
  }

  /** Lets batches through to `writable`. */
  open(writable: Writable): void {
    this.#receiver = receiverFor(this.id, () => writable)
    for (const resolve of this.#opened.splice(0)) resolve()
  }

  /** Batches wait from here on: the component behind is being replaced. */
  shut(): void {
    this.#receiver = undefined
  }

  /** Shows every batch to `watcher` before it goes in; the result takes that back. The entries must not be kept or changed. */
  watch(watcher: (entries: readonly Entry[]) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  send(batch: Batch): Promise<void> | void {
    for (const watcher of this.#watchers) watcher(batch.peek())
    return this.#receiver === undefined ? this.#sendLater(batch) : this.#receiver.send(batch)
  }

  async #sendLater(batch: Batch): Promise<void> {
    while (this.#receiver === undefined) await new Promise<void>((resolve) => this.#opened.push(resolve))
    await this.#receiver.send(batch)
  }
}
