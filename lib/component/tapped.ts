/** Makes stages watchable. */
import type { StageTap } from '../flow/stage-tap.ts'
import type { Stage } from './component.ts'

/** Returns `stage` so that it can be watched through `tap`. Without watchers that costs one comparison per batch. */
export function tapped(name: string, stage: Stage, tap: StageTap | undefined): Stage {
  if (tap === undefined) return stage
  return {
    run: (entries) => {
      const { watcher } = tap
      if (watcher === undefined) return stage.run(entries)
      const leave = watcher.enter(name, entries)
      const result = stage.run(entries)
      if (result instanceof Promise)
        return result.then((passed) => {
          leave(passed)
          return passed
        })
      leave(result)
      return result
    },
    // A tracer turns the batches that it follows into entries, so columns need no watching.
    kernel: stage.kernel,
    runColumns: stage.runColumns?.bind(stage),
    flush: stage.flush?.bind(stage),
    dueAt: stage.dueAt?.bind(stage),
    tick: stage.tick?.bind(stage),
    close: stage.close?.bind(stage),
  }
}
