/**
 * Options as data. A component or stage declares its arguments once, with these; decoding, defaults, messages,
 * `logstream docs` and the reference pages are all derived from the declaration.
 */
import {
  toBool,
  toDuration,
  toFloat,
  toInt,
  toList,
  toMap,
  toSecret,
  toSize,
  toStringValue,
} from '../alloy/convert.ts'
import { typeName, ValueError, type Capsule, type Value } from '../alloy/value.ts'
import type { Secret } from '../alloy/value.ts'

/** How one kind of attribute becomes a JS value. `I` is what TypeScript callers may write for it. */
export interface FieldType<T, I = T> {
  /** As in the reference: `string`, `list(string)`. */
  readonly name: string
  /** What `null` decodes to: as in Alloy the zero value, even for a required attribute. */
  readonly zero: T
  /** Throws `ValueError` with "expected ..., found ...". */
  readonly decode: (value: Value) => T
  /** Only carries `I` in the type. */
  readonly input?: I
}

export interface AttributeField<T, I = T> {
  readonly kind: 'attribute'
  readonly type: FieldType<T, I>
  readonly required: boolean
  readonly default: T
  readonly doc: string
  /** The only values allowed, where there is such a list. */
  readonly allowed?: readonly string[]
  /** Whether a value is one that Alloy does not take. */
  extension?(value: T): boolean
}

/** A block that may appear at most once. Left out it is `undefined`, or the defaults of its fields. */
export interface BlockField<F extends Fields, Absent extends 'undefined' | 'defaults'> {
  readonly kind: 'block'
  readonly fields: F
  readonly absent: Absent
  readonly required: boolean
  readonly doc: string
  /** Set for a block that Alloy does not have. */
  readonly extension?: boolean
}

/** A block that may appear any number of times. */
export interface BlocksField<F extends Fields> {
  readonly kind: 'blocks'
  readonly fields: F
  readonly required: boolean
  /** Whether each block carries a label, kept as the option `label`. */
  readonly labelled: boolean
  readonly doc: string
  /** Checks what must fit together in one block while it is decoded. Throws `LogstreamError` (with `option`). */
  check?(options: OptionsOf<F>): void
}

/** An ordered mix of blocks written `field.variant { }`, as `metric.counter`. */
export interface VariantsField<V extends Readonly<Record<string, Fields>>> {
  readonly kind: 'variants'
  readonly variants: V
  readonly doc: string
}

/** The ordered `stage.*` blocks of `loki.process` and `stage.match`. */
export interface StagesField {
  readonly kind: 'stages'
  readonly doc: string
}

/** One `stage.*` block: its name and decoded options. `T` is kept open since stages name each other only by text. */
export interface StageSpec {
  readonly name: string
  readonly options: Options
}

export type Field =
  // oxlint-disable-next-line typescript/no-explicit-any -- a list of fields of any types cannot be written otherwise
  | AttributeField<any, any>
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  | BlockField<any, 'undefined' | 'defaults'>
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  | BlocksField<any>
  // oxlint-disable-next-line typescript/no-explicit-any -- see above
  | VariantsField<any>
  | StagesField

export type Fields = Readonly<Record<string, Field>>

type VariantsOf<V extends Readonly<Record<string, Fields>>> = {
  [K in keyof V]: { readonly variant: K; readonly options: OptionsOf<V[K]> }
}[keyof V]

type OptionOf<F> =
  F extends AttributeField<infer T, infer _I>
    ? T
    : F extends BlockField<infer G, 'undefined'>
      ? OptionsOf<G> | undefined
      : F extends BlockField<infer G, 'defaults'>
        ? OptionsOf<G>
        : F extends BlocksField<infer G>
          ? readonly (OptionsOf<G> & { readonly label?: string })[]
          : F extends VariantsField<infer V>
            ? readonly VariantsOf<V>[]
            : F extends StagesField
              ? readonly StageSpec[]
              : never

/** The options of a definition whose fields are not known here. Decoding made them, so they fit those fields. */
export type Options = Readonly<Record<string, unknown>>

/** What a component or stage is created with: all fields, defaults filled in. */
export type OptionsOf<F extends Fields> = { readonly [K in keyof F]: OptionOf<F[K]> }

type InputOption<F> =
  F extends AttributeField<infer _T, infer I>
    ? I
    : F extends BlockField<infer G, 'undefined' | 'defaults'>
      ? InputOf<G>
      : F extends BlocksField<infer G>
        ? readonly (InputOf<G> & { readonly label?: string })[]
        : F extends VariantsField<infer V>
          ? readonly { [K in keyof V]: { readonly variant: K; readonly options: InputOf<V[K]> } }[keyof V][]
          : never

type RequiredKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends { readonly required: true } ? K : never
}[keyof F]

/** What a TypeScript caller writes: required fields and any of the others. Stages are passed apart. */
export type InputOf<F extends Fields> = { readonly [K in RequiredKeys<F>]: InputOption<F[K]> } & {
  readonly [K in Exclude<keyof F, RequiredKeys<F>>]?: InputOption<F[K]>
}

// ---- types ----

/** A string; numbers become strings, as in Alloy. */
export const text: FieldType<string> = { name: 'string', zero: '', decode: toStringValue }
/** A string where "not written" (`undefined`) differs from "" (a Go string pointer). */
export const optionalText: FieldType<string | undefined> = {
  name: 'string',
  zero: undefined,
  decode: toStringValue,
}
/** `true` or `false`; strings aren't converted. */
export const flag: FieldType<boolean> = { name: 'bool', zero: false, decode: toBool }
/** A whole number (int64), also as a string; a fraction is cut off. */
export const integer: FieldType<number> = { name: 'number', zero: 0, decode: (value) => Number(toInt(value)) }
/** An unsigned integer: a negative one wraps around as in Go, which in practice means "no limit". */
export const unsigned: FieldType<number> = {
  name: 'number',
  zero: 0,
  decode: (value) => Number(toInt(value, { unsigned: true })),
}
/** A number, also as a string. */
export const float: FieldType<number> = { name: 'number', zero: 0, decode: toFloat }
/** Go duration text (`"1m30s"`); decoded to milliseconds. */
export const duration: FieldType<number, string> = {
  name: 'duration',
  zero: 0,
  decode: (value) => toDuration(value) / 1e6,
}
/** Size text (`"1MiB"`); decoded to bytes. */
export const size: FieldType<number, string> = { name: 'bytes_size', zero: 0, decode: toSize }
/** A string that must not be shown; decoded to a Secret, whose `text` is passed on only where it is needed. */
export const secret: FieldType<Secret, string> = {
  name: 'secret',
  zero: { kind: 'secret', text: '', optional: false },
  decode: toSecret,
}
/** Any value as it is. */
export const any: FieldType<Value, unknown> = { name: 'any', zero: null, decode: (value) => value }

/** A list whose elements are all of one type. */
export function list<T, I>(of: FieldType<T, I>): FieldType<readonly T[], readonly I[]> {
  return {
    name: `list(${of.name})`,
    zero: [],
    decode: (value) => toList(value, (element) => decodeElement(of, element)),
  }
}

/** A map (an object) whose values are all of one type. */
export function map<T, I>(
  of: FieldType<T, I>,
): FieldType<ReadonlyMap<string, T>, Readonly<Record<string, I>>> {
  return {
    name: `map(${of.name})`,
    zero: new Map<string, T>(),
    decode: (value) => toMap(value, (element) => decodeElement(of, element)),
  }
}

/** A list or map where "not written" (`undefined`) differs from "empty". */
export function nullable<T, I>(of: FieldType<T, I>): FieldType<T | undefined, I> {
  return { name: of.name, zero: undefined, decode: of.decode }
}

/** A value that only another component can export. */
export function capsule<T>(type: string): FieldType<T> {
  return {
    name: `capsule(${type})`,
    zero: undefined as T,
    decode: (value) => {
      if (isCapsule(value) && value.type === type) return value.data as T
      throw new ValueError(`expected capsule("${type}"), found ${typeName(value)}`)
    },
  }
}

function isCapsule(value: Value): value is Capsule {
  return value !== null && typeof value === 'object' && 'kind' in value && value.kind === 'capsule'
}

function decodeElement<T, I>(type: FieldType<T, I>, value: Value): T {
  return value === null ? type.zero : type.decode(value)
}

// ---- fields ----

/** What callers may write: one of `A` where it is known, so that a mistake shows in the editor. */
type OneOf<I, A extends readonly string[]> = readonly string[] extends A ? I : Exclude<I, string> | A[number]

/** A required attribute; `allowed` lists its only values. */
export function required<T, I, const A extends readonly string[] = readonly string[]>(
  type: FieldType<T, I>,
  doc: string,
  allowed?: A,
): AttributeField<T, OneOf<I, A>> & { readonly required: true } {
  return {
    kind: 'attribute',
    type: type as FieldType<T, OneOf<I, A>>,
    required: true,
    default: type.zero,
    doc,
    allowed,
  }
}

/** `fallback` is the decoded value: milliseconds for a duration, bytes for a size. */
export function optional<T, I, const A extends readonly string[] = readonly string[]>(
  type: FieldType<T, I>,
  fallback: T,
  doc: string,
  allowed?: A,
): AttributeField<T, OneOf<I, A>> & { readonly required: false } {
  return {
    kind: 'attribute',
    type: type as FieldType<T, OneOf<I, A>>,
    required: false,
    default: fallback,
    doc,
    allowed,
  }
}

/** Left out, the option is `undefined`. */
export function block<F extends Fields>(
  fields: F,
  doc: string,
): BlockField<F, 'undefined'> & { readonly required: false } {
  return { kind: 'block', fields, absent: 'undefined', required: false, doc }
}

/** Left out, the option has the defaults of its fields. */
export function blockWithDefaults<F extends Fields>(
  fields: F,
  doc: string,
): BlockField<F, 'defaults'> & { readonly required: false } {
  return { kind: 'block', fields, absent: 'defaults', required: false, doc }
}

/** A block that must be there, once. */
export function requiredBlock<F extends Fields>(
  fields: F,
  doc: string,
): BlockField<F, 'defaults'> & { readonly required: true } {
  return { kind: 'block', fields, absent: 'defaults', required: true, doc }
}

export function blocks<F extends Fields>(
  fields: F,
  doc: string,
  flags: { required?: boolean; labelled?: boolean; check?: (options: OptionsOf<F>) => void } = {},
): BlocksField<F> {
  const { required: needed = false, labelled = false, check } = flags
  return { kind: 'blocks', fields, required: needed, labelled, doc, check }
}

/** Marks an attribute with values that Alloy refuses, or a block that it doesn't have. */
export function extension<T, I, Required extends boolean>(
  field: AttributeField<T, I> & { readonly required: Required },
  of: (value: T) => boolean,
): AttributeField<T, I> & { readonly required: Required }
export function extension<F extends Fields, Absent extends 'undefined' | 'defaults'>(
  field: BlockField<F, Absent> & { readonly required: false },
): BlockField<F, Absent> & { readonly required: false }
export function extension(field: Field, of?: (value: unknown) => boolean): Field {
  return { ...field, extension: of ?? true } as Field
}

export function variants<V extends Readonly<Record<string, Fields>>>(of: V, doc: string): VariantsField<V> {
  return { kind: 'variants', variants: of, doc }
}

export function stages(doc: string): StagesField {
  return { kind: 'stages', doc }
}
