/** Finds what Alloy doesn't have, for configs that must run in both. */
import type { Block } from '../../alloy/ast.ts'
import { errorAt, type Diagnostic } from '../../alloy/diagnostic.ts'
import type { Source } from '../../alloy/source.ts'
import type { ComponentDefinition } from '../../component/component.ts'
import { type KnownStage } from '../../component/decode.ts'
import { placeOfOptions } from '../../component/origin.ts'
import type { Field, Fields, StagesField, StageSpec } from '../../component/fields.ts'

/** Reports what Alloy doesn't have in a component; without `options` (they couldn't be decoded) only the component itself. */
export function notInAlloy(
  block: Block,
  source: Source,
  { name, fields, extension }: ComponentDefinition,
  options: Readonly<Record<string, unknown>> | undefined,
  stages: ReadonlyMap<string, KnownStage>,
): Diagnostic[] {
  if (extension === true) return [errorAt(source, block.nameRange, alloyLacks(name))]
  return options === undefined ? [] : extensionsIn(options, fields, stages)
}

/** One mistake for each argument and block that Alloy doesn't take, at its place. */
export function extensionsIn(
  options: Readonly<Record<string, unknown>>,
  fields: Fields,
  stages: ReadonlyMap<string, KnownStage>,
): Diagnostic[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const value = options[name]
    if (field.kind === 'stages')
      return (value as readonly StageSpec[]).flatMap((stage) => stageExtensions(stage, stages))
    if (isExtension(field, value)) return lacking(options, name, field)
    return nested(field, value).flatMap(({ fields: inner, options: each }) =>
      extensionsIn(each, inner, stages),
    )
  })

  function nested(
    field: Exclude<Field, StagesField>,
    value: unknown,
  ): { fields: Fields; options: Record<string, unknown> }[] {
    type Options = Record<string, unknown>
    if (value === undefined) return []
    switch (field.kind) {
      case 'attribute':
        return []
      case 'block':
        return [{ fields: field.fields as Fields, options: value as Options }]
      case 'blocks':
        return (value as Options[]).map((each) => ({ fields: field.fields as Fields, options: each }))
      case 'variants':
        return (value as { variant: string; options: Options }[]).map((each) => ({
          fields: (field.variants as Readonly<Record<string, Fields>>)[each.variant]!,
          options: each.options,
        }))
    }
  }
}

function stageExtensions(
  { name, options }: StageSpec,
  stages: ReadonlyMap<string, KnownStage>,
): Diagnostic[] {
  const known = stages.get(name)
  const place = placeOfOptions(options)
  if (known?.extension === true && place !== undefined)
    return [errorAt(place.source, place.range, alloyLacks(`stage.${name}`))]
  return extensionsIn(options, known?.fields ?? {}, stages)
}

function isExtension(field: Field, value: unknown): boolean {
  if (field.kind === 'attribute') return field.extension?.(value) === true
  if (field.kind !== 'block' || field.extension !== true || value === undefined) return false
  // A block that wasn't written has defaults, but no place.
  return placeOfOptions(value as object) !== undefined
}

function lacking(options: Readonly<Record<string, unknown>>, name: string, field: Field): Diagnostic[] {
  const place = placeOfOptions(options, name)
  if (place === undefined) return []
  const what = field.kind === 'attribute' ? `this value of "${name}"` : `the block "${name}"`
  return [errorAt(place.source, place.range, alloyLacks(what))]
}

function alloyLacks(what: string): string {
  return `Alloy does not have ${what}, it is an extension: leave it out, or validate without --alloy`
}
