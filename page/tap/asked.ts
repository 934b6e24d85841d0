/** What Tap shows, from the address, and the places there are. */
import { computed } from '@preact/signals'
import { params } from '../location.ts'
import { status } from '../status.ts'

export interface Asked {
  /** Full id; '' for none. */
  readonly component: string
  /** Stage by stage, where the component has any. */
  readonly stages: boolean
}

export const asked = computed<Asked>(() => {
  const component = params.value.get('component') ?? ''
  return { component, stages: params.value.get('stages') === '1' && staged.value.has(component) }
})

/** Ids of components that others send entries to. */
const taking = computed<ReadonlySet<string>>(
  () => new Set(status.value?.components.flatMap(({ forwardTo }) => forwardTo)),
)

/** Components that entries pass through: they can be watched stage by stage. */
export const staged = computed<ReadonlySet<string>>(
  () =>
    new Set(
      status.value?.components
        .filter(({ fullId, forwardTo }) => forwardTo.length > 0 && taking.value.has(fullId))
        .map(({ fullId }) => fullId),
    ),
)

/** A place where entries pass. */
export interface Point {
  /** Shows the entries that it hands on, or takes if it's a sink. */
  readonly component: string
  readonly from: string | undefined
  readonly to: string
}

/** The edges of the pipeline, and what goes into sinks. */
export const points = computed<readonly Point[]>(() => {
  const components = status.value?.components ?? []
  const edges = components.flatMap(({ fullId, forwardTo }) =>
    forwardTo.map((to): Point => ({ component: fullId, from: fullId, to })),
  )
  const sinks = components.filter(
    ({ fullId, forwardTo }) => forwardTo.length === 0 && taking.value.has(fullId),
  )
  // The list has sinks first.
  return [
    ...edges.toReversed(),
    ...sinks.map(({ fullId }): Point => ({ component: fullId, from: undefined, to: fullId })),
  ]
})
