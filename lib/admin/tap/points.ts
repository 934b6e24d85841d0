/** Where entries of a running pipeline can be watched. */
import type { BatchWatcher } from '../../flow/batch-tap.ts'
import { INPUT_EXPORTS } from '../../component/component.ts'
import type { StageWatcher } from '../../flow/stage-tap.ts'
import type { ComponentDetails } from '../../run/supervise/component-info.ts'

/** Shows entries as they pass; implemented by the supervisor. Each function returns one that stops the watching. */
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

/** Whether entries pass through it, so that it can be watched stage by stage. */
export function hasStages(details: ComponentDetails): boolean {
  return hasInput(details) && hasOutput(details)
}

/** Returns the component whose id is the rest of a URL path; the id, or each part of it, may be escaped. */
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
