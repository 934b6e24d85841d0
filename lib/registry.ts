/** Joins the tables of stages and components; the only file that imports all of them. */
import type { ComponentDefinition, Context, Stage, StageDefinition } from './component/component.ts'
import { blame, blamed } from './component/decode.ts'
import type { Fields, StageSpec } from './component/fields.ts'
import { componentDefinitions } from './components/index.ts'
import { composeStages, createStage } from './component/stage.ts'
import * as stages from '../transforms/index.ts'

/** Every component by the name a config uses. */
export const components: ReadonlyMap<string, ComponentDefinition> = new Map(
  componentDefinitions.map((definition) => [definition.name, definition]),
)

/** Every stage by its name without `stage.`. */
export const stageDefinitions: ReadonlyMap<string, StageDefinition> = new Map(
  Object.entries(stages).map(([name, factory]) => [name, factory.definition]),
)

/** The fields of every stage, for decoding. */
export const stageFields: ReadonlyMap<string, Fields> = new Map(
  [...stageDefinitions].map(([name, definition]) => [name, definition.fields]),
)

/**
 * The stages of blocks, as one. Throws for those that cannot be built: one error, or an AggregateError of all of
 * them, each blamed on the options of its block.
 */
export function buildStages(specs: readonly StageSpec[], ctx: Context): Stage {
  const built: Stage[] = []
  const errors: unknown[] = []
  for (const spec of specs) {
    try {
      built.push(createStage(stageDefinitions.get(spec.name)!, spec.options, ctx))
    } catch (error) {
      errors.push(...errorsIn(spec, error, ctx))
    }
  }
  if (errors.length === 0) return composeStages(built)
  for (const stage of built) stage.close?.()
  throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'several stages cannot be built')
}

// A nesting stage that fails by itself has not looked at its inner stages; their mistakes are told all the same.
function errorsIn({ options }: StageSpec, error: unknown, ctx: Context): unknown[] {
  if (error instanceof AggregateError) return error.errors as unknown[]
  const errors = [blame(error, options)]
  const inner = options['stage'] as readonly StageSpec[] | undefined
  if (inner === undefined || blamed(error) !== options) return errors
  try {
    buildStages(inner, ctx).close?.()
  } catch (nested) {
    errors.push(...(nested instanceof AggregateError ? (nested.errors as unknown[]) : [nested]))
  }
  return errors
}
