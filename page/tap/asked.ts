/** What is looked at: the part of the address that is the tap's. */
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

/** Ids of components that others hand entries to. */
const taking = computed<ReadonlySet<string>>(
  () => new Set(status.value?.components.flatMap(({ forwardTo }) => forwardTo)),
)

/** Components that entries pass through, so that something can happen to them there. */
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
  /** Whose entries these are: those that it hands on, or takes if it hands on none. */
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
  // Sources come last in the list of components, which is in the order of dependence.
  return [
    ...edges.toReversed(),
    ...sinks.map(({ fullId }): Point => ({ component: fullId, from: undefined, to: fullId })),
  ]
})
