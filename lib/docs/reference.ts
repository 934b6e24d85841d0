/** What a config may hold, as data for reading: made of the definitions that decode it, so it cannot be out of date. */
import type { Stability } from '../component/component.ts'
import type { Field, Fields } from '../component/fields.ts'
import { components } from '../components/index.ts'
import { stageDefinitions } from '../registry.ts'
import { configBlocks } from '../run/plan/config-blocks.ts'
import { valueText } from './value-text.ts'

export type ReferenceKind = 'component' | 'stage' | 'block'

/** One component, stage or block of a config. */
export interface Reference {
  readonly kind: ReferenceKind
  /** As written in a config: `loki.write`, `stage.regex`, `import.file`. */
  readonly name: string
  readonly summary: string
  readonly stability: Stability
  /** Whether Alloy does not have it. */
  readonly extension: boolean
  /** Whether the block is written with a label. */
  readonly labelled: boolean
  readonly exports: readonly { readonly name: string; readonly doc: string }[]
  readonly body: ReferenceBody
}

export interface ReferenceBody {
  readonly attributes: readonly AttributeReference[]
  readonly blocks: readonly BlockReference[]
}

export interface AttributeReference {
  readonly name: string
  readonly type: string
  readonly required: boolean
  /** In the config's own language; `undefined`: there is none. */
  readonly default: string | undefined
  readonly allowed: readonly string[]
  readonly doc: string
}

export interface BlockReference {
  /** `endpoint`, `metric.counter`, `stage.*`. */
  readonly name: string
  readonly required: boolean
  readonly repeated: boolean
  readonly labelled: boolean
  readonly extension: boolean
  readonly doc: string
  readonly body: ReferenceBody
}

/** Everything there is: components, stages, blocks, each by name. */
export function references(): readonly Reference[] {
  const all: Reference[] = [
    ...[...components.values()].map((definition) => ({
      ...described(definition.name, definition.summary, definition.fields),
      kind: 'component' as const,
      stability: definition.stability,
      extension: definition.extension ?? false,
      labelled: true,
      exports: Object.entries(definition.exports).map(([name, doc]) => ({ name, doc })),
    })),
    ...[...stageDefinitions.values()].map((definition) => ({
      ...described(`stage.${definition.name}`, definition.summary, definition.fields),
      kind: 'stage' as const,
      stability: definition.stability ?? ('generally-available' as const),
    })),
    ...[...configBlocks.values()].map((block) => ({
      ...described(block.name, block.summary, block.fields),
      kind: 'block' as const,
      stability: block.stability,
      labelled: block.label === 'required',
    })),
  ]
  return all.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function described(
  name: string,
  summary: string,
  fields: Fields,
): Pick<Reference, 'name' | 'summary' | 'extension' | 'labelled' | 'exports' | 'body'> {
  return { name, summary, extension: false, labelled: false, exports: [], body: bodyOf(fields) }
}

function bodyOf(fields: Fields): ReferenceBody {
  const attributes: AttributeReference[] = []
  const blocks: BlockReference[] = []
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind === 'attribute') attributes.push(attributeOf(name, field))
    else blocks.push(...blocksOf(name, field))
  }
  // What must be there comes first.
  attributes.sort((a, b) => Number(b.required) - Number(a.required))
  return { attributes, blocks }
}

function attributeOf(name: string, field: Extract<Field, { kind: 'attribute' }>): AttributeReference {
  return {
    name,
    type: String(field.type.name),
    required: field.required,
    default: field.required ? undefined : valueText(field.default, String(field.type.name)),
    allowed: field.allowed ?? [],
    doc: field.doc,
  }
}

function blocksOf(name: string, field: Exclude<Field, { kind: 'attribute' }>): BlockReference[] {
  const base = { name, required: false, repeated: false, labelled: false, extension: false, doc: field.doc }
  switch (field.kind) {
    case 'block':
      return [
        {
          ...base,
          required: field.required,
          extension: field.extension ?? false,
          body: bodyOf(field.fields as Fields),
        },
      ]
    case 'blocks':
      return [
        {
          ...base,
          required: field.required,
          repeated: true,
          labelled: field.labelled,
          body: bodyOf(field.fields as Fields),
        },
      ]
    case 'variants':
      return Object.entries(field.variants as Readonly<Record<string, Fields>>).map(([variant, fields]) => ({
        ...base,
        name: `${name}.${variant}`,
        repeated: true,
        body: bodyOf(fields),
      }))
    case 'stages':
      return [{ ...base, name: 'stage.*', repeated: true, body: { attributes: [], blocks: [] } }]
  }
}

/** The one that a person means: the name in full, or a stage without `stage.`. */
export function referenceNamed(name: string): Reference | undefined {
  const all = references()
  return all.find((each) => each.name === name) ?? all.find((each) => each.name === `stage.${name}`)
}
