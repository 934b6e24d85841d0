/**
 * Decoded options and exports as Alloy's UI API writes them: a list of attributes and blocks whose values carry their
 * type. Secrets show as `(secret)`; objects of the runtime show only their name.
 */
import type { Value } from '../alloy/value.ts'
import type { Field, Fields, StageSpec } from '../component/fields.ts'
import { stageDefinitions } from '../registry.ts'
import { formatBytes } from '../formats/bytes.ts'
import { formatDuration } from '../go/duration.ts'
import { HIDDEN, isSensitive, SENSITIVE_MAPS } from './secrets.ts'

export interface TypedValue {
  readonly type: 'null' | 'number' | 'string' | 'bool' | 'array' | 'object' | 'function' | 'capsule'
  readonly value?: unknown
}

export type Described =
  | { readonly name: string; readonly type: 'attr'; readonly value: TypedValue }
  | {
      readonly name: string
      readonly type: 'block'
      readonly label?: string
      readonly body: readonly Described[]
    }

const SECRET: TypedValue = { type: 'capsule', value: HIDDEN }

/** Returns them in the order of the fields, without those that weren't written and have no default. */
export function describeOptions(fields: Fields, options: Readonly<Record<string, unknown>>): Described[] {
  return Object.entries(fields).flatMap(([name, field]) => describeField(name, field, options[name]))
}

export function describeExports(exports: ReadonlyMap<string, Value>): Described[] {
  return [...exports].map(([name, value]) => ({ name, type: 'attr', value: typed(value, isSensitive(name)) }))
}

function describeField(name: string, field: Field, value: unknown): Described[] {
  if (value === undefined) return []
  switch (field.kind) {
    case 'attribute': {
      const hidden = isSensitive(name) || SENSITIVE_MAPS.has(name)
      const type = (field.type as { name: string }).name
      return [{ name, type: 'attr', value: typedAs(type, value, hidden) }]
    }
    case 'block':
      return [blockOf(name, field.fields as Fields, value)]
    case 'blocks':
      return (value as readonly unknown[]).map((each) => blockOf(name, field.fields as Fields, each))
    case 'variants':
      return (value as readonly { variant: string; options: unknown }[]).map(({ variant, options }) =>
        blockOf(
          `${name}.${variant}`,
          (field.variants as Readonly<Record<string, Fields>>)[variant] ?? {},
          options,
        ),
      )
    case 'stages':
      return (value as readonly StageSpec[]).map((spec) =>
        blockOf(`stage.${spec.name}`, stageDefinitions.get(spec.name)?.fields ?? {}, spec.options),
      )
  }
}

function blockOf(name: string, fields: Fields, options: unknown): Described {
  const body = describeOptions(fields, options as Readonly<Record<string, unknown>>)
  const { label } = options as { label?: string }
  return label === undefined ? { name, type: 'block', body } : { name, type: 'block', label, body }
}

// Durations and sizes are numbers here and strings in the language.
function typedAs(type: string, value: unknown, hidden: boolean): TypedValue {
  if (hidden) return typed(value, true)
  if (type === 'duration') return { type: 'string', value: formatDuration((value as number) * 1e6) }
  if (type === 'bytes_size') return { type: 'string', value: formatBytes(value as number) }
  return typed(value, false)
}

function typed(value: unknown, hidden: boolean): TypedValue {
  switch (typeof value) {
    case 'string':
      return hidden && value !== '' ? SECRET : { type: 'string', value }
    case 'boolean':
      return { type: 'bool', value }
    case 'number':
      return hidden ? SECRET : { type: 'number', value: Number.isFinite(value) ? value : String(value) }
    case 'bigint':
      return hidden ? SECRET : { type: 'number', value: Number(value) }
    case 'object':
      return value === null ? { type: 'null' } : typedObject(value, hidden)
    default:
      return { type: 'null' }
  }
}

function typedObject(value: object, hidden: boolean): TypedValue {
  if (Array.isArray(value))
    return { type: 'array', value: (value as unknown[]).map((element) => typed(element, hidden)) }
  if (value instanceof Map)
    return {
      type: 'object',
      value: [...(value as Map<string, unknown>)].map(([key, each]) => ({
        key,
        value: typed(each, hidden || isSensitive(key)),
      })),
    }
  const { kind, id } = value as { kind?: unknown; id?: unknown }
  if (kind === 'function') return { type: 'function' }
  if (kind === 'secret') return SECRET
  // A receiver: its id says more than Alloy's name of the type.
  return { type: 'capsule', value: typeof id === 'string' ? `receiver of ${id}` : 'capsule' }
}
