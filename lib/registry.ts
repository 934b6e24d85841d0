/** Joins the tables of stages and components; the only file that imports all of them. */
import type { ComponentDefinition, Context, Stage, StageDefinition } from './component.ts'
import type { Fields, StageSpec } from './fields.ts'
import { processors } from './processors/index.ts'
import { sinks } from './sinks/index.ts'
import { sources } from './sources/index.ts'
import { composeStages, createStage } from './stage.ts'
import { stages } from '../transforms/index.ts'

/** Every component by the name a config uses. */
export const components: ReadonlyMap<string, ComponentDefinition> = new Map(
  [...sources, ...processors, ...sinks].map((definition) => [
    definition.name,
    definition as ComponentDefinition,
  ]),
)

/** Every stage by its name without `stage.`. */
export const stageDefinitions: ReadonlyMap<string, StageDefinition> = new Map(
  Object.entries(stages).map(([name, factory]) => [name, factory.definition as unknown as StageDefinition]),
)

/** The fields of every stage, for decoding. */
export const stageFields: ReadonlyMap<string, Fields> = new Map(
  [...stageDefinitions].map(([name, definition]) => [name, definition.fields]),
)

/** The stages of blocks, as one. Throws what the first one that cannot be built throws. */
export function buildStages(specs: readonly StageSpec[], ctx: Context): Stage {
  return composeStages(
    specs.map(({ name, options }) => createStage(stageDefinitions.get(name)!, options as never, ctx)),
  )
}
