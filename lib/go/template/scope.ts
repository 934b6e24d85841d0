/** What the closures of a template share: the state of one execution, and the variables in sight while compiling. */
import type { Pipeline } from './tree.ts'
import { type TemplateFunction, type Value, fault } from './value.ts'

/** What one execution changes as it goes. */
export interface State {
  out: string
  /** The variables of the running template, `$` first. */
  variables: Value[]
  depth: number
  /** The offset of what is being evaluated, for errors. */
  at: number
  /** The function that runs; '' between calls. */
  calling: string
  /** What a map of any values holds under a key that it doesn't have: nothing, or nil. */
  readonly missing: undefined | null
}

export type Evaluator = (state: State, dot: Value) => Value
/** The variables that can be seen at one place, and the functions. */
export interface Scope {
  readonly slots: Map<string, number>
  readonly outer: Scope | undefined
  /** Shared by all scopes of one template. */
  readonly frame: { size: number }
  readonly functions: (name: string) => TemplateFunction | undefined
}

export function innerScope(outer: Scope): Scope {
  return { slots: new Map(), outer, frame: outer.frame, functions: outer.functions }
}

export function slotOf(scope: Scope, name: string): number | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const slot = at.slots.get(name)
    if (slot !== undefined) return slot
  }
  return undefined
}

/** Go finds many mistakes only when it gets there, and so do these. */
export function failing(at: number, reason: string): (state: State) => never {
  return (state) => {
    state.at = at
    throw fault(reason)
  }
}

/** A scope that stays as it is now, for what is compiled at the first run. */
export function frozen(scope: Scope): Scope {
  const slots = new Map<string, number>()
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    for (const [name, slot] of at.slots) if (!slots.has(name)) slots.set(name, slot)
  }
  return { slots, outer: undefined, frame: scope.frame, functions: scope.functions }
}

function declare(name: string, assigns: boolean, scope: Scope): number | undefined {
  if (assigns) return slotOf(scope, name)
  const slot = scope.frame.size++
  scope.slots.set(name, slot)
  return slot
}

/** The slots of the variables that a pipeline declares or assigns; undefined for one that doesn't exist. */
export function declareAll(pipeline: Pipeline, scope: Scope): (number | undefined)[] {
  return pipeline.declares.map((name) => declare(name, pipeline.assigns, scope))
}
