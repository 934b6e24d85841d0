/** A place on the way of batches where they may be looked at. With no one looking it costs one comparison a batch. */
import type { Batch } from './batch.ts'

/** Sees a batch that passes. It must not take it, nor keep or change its entries. */
export type BatchWatcher = (batch: Batch) => void

export class BatchTap {
  #watchers: readonly BatchWatcher[] | undefined

  /** Shows a batch that passes. */
  show(batch: Batch): void {
    if (this.#watchers === undefined) return
    for (const watcher of this.#watchers) watcher(batch)
  }

  /** Shows every batch to `watcher` until the returned function is called. */
  watch(watcher: BatchWatcher): () => void {
    this.#watchers = [...(this.#watchers ?? []), watcher]
    return () => {
      const left = (this.#watchers ?? []).filter((each) => each !== watcher)
      this.#watchers = left.length === 0 ? undefined : left
    }
  }
}
