/** Stages by name, and how the blocks of a pipeline become one stage. */
import type { Context, Stage, StageDefinition, StageRow } from './component/component.ts'
import { blame, blamed } from './component/origin.ts'
import type { StageSpec } from './component/fields.ts'
import { composeStages, createStage } from './component/stage.ts'
import { exposeStages, StageCounts } from './component/stage-counts.ts'
import * as stages from '../transforms/index.ts'

/** Every stage by its name without `stage.`. */
export const stageDefinitions: ReadonlyMap<string, StageDefinition> = new Map(
  Object.entries(stages).map(([name, factory]) => [name, factory.definition]),
)

/**
 * The stages of blocks, as one, counted one by one for `/metrics` and the page. Throws for those that cannot be built:
 * one error, or an AggregateError of all of them, each blamed on the options of its block.
 */
export function buildStages(specs: readonly StageSpec[], ctx: Context): Stage {
  const { stage, rows } = buildInside(specs, ctx, '')
  if (specs.length > 0) exposeStages(rows, ctx.metrics)
  return { ...stage, rows }
}

interface Built {
  readonly stage: Stage
  readonly rows: () => readonly StageRow[]
}

/** `path` is that of the stage around these: `2.match/`. */
function buildInside(specs: readonly StageSpec[], ctx: Context, path: string): Built {
  const built: Stage[] = []
  const rows: (() => readonly StageRow[])[] = []
  const errors: unknown[] = []
  for (const [i, spec] of specs.entries()) {
    const counts = new StageCounts(`${path}${i + 1}.${spec.name}`)
    rows.push(() => [counts.row()])
    const stages = (inner: readonly StageSpec[]): Stage => {
      const inside = buildInside(inner, ctx, `${counts.stage}/`)
      rows.push(inside.rows)
      return inside.stage
    }
    try {
      built.push(createStage(stageDefinitions.get(spec.name)!, spec.options, { ...ctx, stages }, counts))
    } catch (error) {
      errors.push(...errorsIn(spec, error, ctx))
    }
  }
  if (errors.length === 0) return { stage: composeStages(built), rows: () => rows.flatMap((each) => each()) }
  for (const stage of built) stage.close?.()
  throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'several stages cannot be built')
}

// A nesting stage that fails by itself has not built its inner stages; their mistakes are reported all the same.
function errorsIn({ options }: StageSpec, error: unknown, ctx: Context): unknown[] {
  if (error instanceof AggregateError) return error.errors as unknown[]
  const errors = [blame(error, options)]
  const inner = options['stage'] as readonly StageSpec[] | undefined
  if (inner === undefined || blamed(error) !== options) return errors
  try {
    buildInside(inner, ctx, '').stage.close?.()
  } catch (nested) {
    errors.push(...(nested instanceof AggregateError ? (nested.errors as unknown[]) : [nested]))
  }
  return errors
}
