/** The places of a running pipeline where entries can be looked at. */
import type { BatchWatcher } from '../../flow/batch-tap.ts'
import { INPUT_EXPORTS } from '../../component/component.ts'
import type { StageWatcher } from '../../flow/stage-tap.ts'
import type { ComponentDetails } from '../../run/supervise/component-info.ts'

/** What shows entries as they pass; a supervisor does. Each function returns what ends the watching. */
export interface Watched {
  details(): readonly ComponentDetails[]
  /** What goes into a component. */
  watch(fullId: string, watcher: BatchWatcher): () => void
  watchOutput(fullId: string, watcher: BatchWatcher): () => void
  watchStages(fullId: string, watcher: StageWatcher): () => void
}

export function hasInput({ definition }: Pick<ComponentDetails, 'definition'>): boolean {
  return Object.keys(INPUT_EXPORTS).some((name) => name in definition.exports)
}

export function hasOutput({ definition }: Pick<ComponentDetails, 'definition'>): boolean {
  return 'forward_to' in definition.fields || 'output' in definition.fields
}

/** Whether it changes entries that pass through it, so that there is something to see stage by stage. */
export function hasStages(details: ComponentDetails): boolean {
  return hasInput(details) && hasOutput(details)
}

/** The component whose id is the rest of a path: each part of the id may be escaped. */
export function componentAt<T extends { readonly fullId: string }>(
  all: readonly T[],
  path: string,
): T | undefined {
  return all.find(
    ({ fullId }) => fullId === path || escapedId(fullId) === path || encodeURIComponent(fullId) === path,
  )
}

function escapedId(fullId: string): string {
  return fullId.split('/').map(encodeURIComponent).join('/')
}
