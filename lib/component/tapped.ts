/** Makes stages that can be looked at while they work. */
import type { StageTap } from '../flow/stage-tap.ts'
import type { Stage } from './component.ts'

/** `stage` as it can be looked at through `tap`: that costs one comparison a batch while no one does. */
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
    // Entries that are followed are never rows of columns.
    kernel: stage.kernel,
    flush: stage.flush?.bind(stage),
    dueAt: stage.dueAt?.bind(stage),
    tick: stage.tick?.bind(stage),
    close: stage.close?.bind(stage),
  }
}
