/** A point where the stages of a component can be watched at work. */
import type { Entry } from './entry.ts'

/** Sees what goes into a stage and what comes out. It must not change the entries. */
export interface StageWatcher {
  /**
   * A stage is about to run on these entries. Returns what is called with those that it passes on.
   *
   * @param stage its place and name, as in `StageRow`
   */
  enter(stage: string, entries: readonly Entry[]): (passed: readonly Entry[]) => void
}

/** There is one per component id, so watchers stay when a reload replaces the component. */
export class StageTap {
  #watchers: readonly StageWatcher[] = []
  /** All watchers as one; `undefined` without any. */
  watcher: StageWatcher | undefined

  /** Shows the work of every stage to `watcher` until the returned function is called. */
  watch(watcher: StageWatcher): () => void {
    this.#set([...this.#watchers, watcher])
    return () => this.#set(this.#watchers.filter((each) => each !== watcher))
  }

  #set(watchers: readonly StageWatcher[]): void {
    this.#watchers = watchers
    this.watcher = watchers.length > 1 ? together(watchers) : watchers[0]
  }
}

// In reverse order, since each may have wrapped the acknowledgements.
function together(watchers: readonly StageWatcher[]): StageWatcher {
  return {
    enter: (stage, entries) => {
      const leaves = watchers.map((each) => each.enter(stage, entries)).reverse()
      return (passed) => {
        for (const leave of leaves) leave(passed)
      }
    },
  }
}
