/** A point where passing batches can be watched. Without watchers it costs one comparison per batch. */
import type { Batch } from './batch.ts'

/** Gets a passing batch. It must not take the batch, nor keep or change its entries. */
export type BatchWatcher = (batch: Batch) => void

export class BatchTap {
  #watchers: readonly BatchWatcher[] | undefined

  /** Shows a batch to the watchers. */
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
