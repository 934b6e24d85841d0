/**
 * Blocks and JS objects become options, as the fields declare them. Nothing here throws on what a user wrote in
 * a config: every mistake of a block is reported with its place, and the block then has no options.
 */
import type { Attribute, Block, Expression, Statement } from '../alloy/ast.ts'
import { errorAt, type Diagnostic } from '../alloy/diagnostic.ts'
import { NestedValueError } from '../alloy/convert.ts'
import { evaluate, EvaluationError, rangeAt, type Scope } from '../alloy/evaluate.ts'
import { nearest } from '../alloy/nearest.ts'
import type { Range, Source } from '../alloy/source.ts'
import { ValueError, type Value } from '../alloy/value.ts'
import { LogstreamError, messageOf } from '../errors.ts'
import { isPartial, placeOfOptions, setOrigin } from './origin.ts'
import { valueOf } from './js-value.ts'
import type { AttributeField, BlocksField, Field, Fields, OptionsOf, StageSpec } from './fields.ts'

/** What decoding and the check for extensions need to know of a stage. */
export interface KnownStage {
  readonly fields: Fields
  /** Set for what Alloy does not have. */
  readonly extension?: boolean
}

/** What decoding needs to know beyond the block. */
export interface DecodeEnv {
  readonly source: Source
  readonly scope: Scope
  /** Every stage, by name without `stage.`. */
  readonly stages: ReadonlyMap<string, KnownStage>
  readonly report: (diagnostic: Diagnostic) => void
  /** Expressions that can't be evaluated here, because they refer to what failed or to arguments not passed; left alone. */
  readonly skip?: (expression: Expression) => boolean
  /** Called with each stage block that was decoded, also inside one that was not. */
  readonly decodedStage?: (spec: StageSpec) => void
}

/** A block or body being read: what was written in it, and whether something in it was wrong. */
interface Reading {
  readonly env: DecodeEnv
  readonly options: Record<string, unknown>
  readonly attributes: Map<string, Range>
  readonly range: Range
  failed: boolean
  skipped: boolean
}

/** The options of a body, or `undefined` when anything in it was wrong; everything wrong has then been reported. */
export function decodeBody<F extends Fields>(
  body: readonly Statement[],
  fields: F,
  range: Range,
  env: DecodeEnv,
): OptionsOf<F> | undefined {
  const reading: Reading = {
    env,
    options: absentOptions(fields),
    attributes: new Map<string, Range>(),
    range,
    failed: false,
    skipped: false,
  }
  for (const statement of body) {
    if (statement.kind === 'attribute') readAttribute(reading, fields, statement)
    else readBlock(reading, fields, statement)
  }
  for (const [name, field] of Object.entries(fields)) checkRequired(reading, name, field)
  if (reading.failed) return undefined
  setOrigin(reading.options, {
    source: env.source,
    range,
    attributes: reading.attributes,
    partial: reading.skipped,
  })
  return reading.options as OptionsOf<F>
}

/** The options of an empty body, whether or not all required ones are there. */
export function defaultsOf<F extends Fields>(fields: F): OptionsOf<F> {
  return absentOptions(fields) as OptionsOf<F>
}

function absentOptions(fields: Fields): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) options[name] = absent(field)
  return options
}

function absent(field: Field): unknown {
  switch (field.kind) {
    case 'attribute':
      return field.default
    case 'block':
      return field.absent === 'defaults' ? absentOptions(field.fields as Fields) : undefined
    case 'blocks':
    case 'variants':
    case 'stages':
      return []
  }
}

function fail(reading: Reading, range: Range, message: string): void {
  reading.failed = true
  reading.env.report(errorAt(reading.env.source, range, message))
}

function readAttribute(reading: Reading, fields: Fields, statement: Attribute): void {
  const { name, nameRange } = statement
  const field = Object.hasOwn(fields, name) ? fields[name]! : undefined
  if (field === undefined) return fail(reading, nameRange, unknownName('attribute', name, fields))
  if (field.kind !== 'attribute')
    return fail(reading, nameRange, `"${name}" is a block, not an attribute: write \`${name} { ... }\``)
  if (reading.attributes.has(name))
    return fail(reading, nameRange, `attribute "${name}" is set twice: keep one of them`)
  reading.attributes.set(name, statement.range)
  if (reading.env.skip?.(statement.value) === true) {
    reading.skipped = true
    return
  }
  const value = evaluateAttribute(reading, statement)
  if (value === undefined) return
  try {
    reading.options[name] = decodeAttribute(field, value)
  } catch (error) {
    if (!(error instanceof ValueError || error instanceof LogstreamError)) throw error
    const at =
      error instanceof NestedValueError ? rangeAt(statement.value, error.path) : statement.value.range
    fail(reading, at, `${name}: ${error.message}`)
  }
}

function evaluateAttribute(reading: Reading, statement: Attribute): Value | undefined {
  try {
    return evaluate(statement.value, reading.env.scope, reading.env.source)
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error
    fail(reading, error.range, error.message)
    return undefined
  }
}

/** The decoded value of an attribute; throws `ValueError` for one of the wrong type or outside the allowed texts. */
export function decodeAttribute<T>(field: AttributeField<T, unknown>, value: Value): T {
  if (value === null) return field.type.zero
  const decoded = field.type.decode(value)
  if (field.allowed !== undefined && !field.allowed.includes(String(decoded))) {
    const near = nearest(String(decoded), field.allowed)
    throw new ValueError(
      `expected one of ${field.allowed.map((text) => `"${text}"`).join(', ')}, found "${String(decoded)}"` +
        (near === undefined ? '' : `; did you mean "${near}"?`),
    )
  }
  return decoded
}

function readBlock(reading: Reading, fields: Fields, statement: Block): void {
  const { env } = reading
  const { field, variant, key } = blockField(fields, statement.name)
  if (field === undefined)
    return fail(reading, statement.nameRange, unknownName('block', statement.name, fields, env))
  if (field.kind === 'attribute')
    return fail(
      reading,
      statement.nameRange,
      `"${statement.name}" is an attribute, not a block: write \`${statement.name} = ...\``,
    )
  const labelled = field.kind === 'blocks' && field.labelled
  if (statement.label !== undefined && !labelled)
    fail(reading, statement.labelRange ?? statement.nameRange, `block "${statement.name}" takes no label`)
  switch (field.kind) {
    case 'block':
      if (reading.attributes.has(key)) return failTwice(reading, key, statement.nameRange)
      reading.attributes.set(key, statement.nameRange)
      return keep(
        reading,
        decodeBody(statement.body, field.fields as Fields, statement.range, env),
        (options) => {
          reading.options[key] = options
        },
      )
    case 'blocks':
      reading.attributes.set(key, statement.nameRange)
      return keep(
        reading,
        decodeBody(statement.body, field.fields as Fields, statement.range, env),
        (options) => {
          if (labelled && statement.label !== undefined)
            (options as { label?: string }).label = statement.label
          checkBlock(reading, field, options, statement.range)
          ;(reading.options[key] as unknown[]).push(options)
        },
      )
    case 'variants': {
      const of = (field.variants as Readonly<Record<string, Fields>>)[variant]!
      return keep(reading, decodeBody(statement.body, of, statement.range, env), (options) => {
        ;(reading.options[key] as unknown[]).push({ variant, options })
      })
    }
    case 'stages':
      return keep(
        reading,
        decodeBody(statement.body, env.stages.get(variant)!.fields, statement.range, env),
        (options) => {
          const spec = { name: variant, options }
          ;(reading.options[key] as StageSpec[]).push(spec)
          if (!isPartial(options)) env.decodedStage?.(spec)
        },
      )
  }

  function blockField(of: Fields, name: string): { field: Field | undefined; variant: string; key: string } {
    const own = Object.hasOwn(of, name) ? of[name] : undefined
    if (own !== undefined && own.kind !== 'variants' && own.kind !== 'stages')
      return { field: own, variant: '', key: name }
    const dot = name.indexOf('.')
    const key = dot < 0 ? name : name.slice(0, dot)
    const variant = dot < 0 ? '' : name.slice(dot + 1)
    const field = Object.hasOwn(of, key) ? of[key] : undefined
    if (field?.kind === 'variants' && Object.hasOwn(field.variants as object, variant))
      return { field, variant, key }
    if (field?.kind === 'stages' && env.stages.has(variant)) return { field, variant, key }
    return { field: undefined, variant, key }
  }
}

// As Alloy, at both places.
function failTwice(reading: Reading, key: string, range: Range): void {
  const message = `block "${key}" is written twice: keep one of them`
  fail(reading, reading.attributes.get(key)!, message)
  fail(reading, range, message)
}

function checkBlock(reading: Reading, field: BlocksField<Fields>, options: object, range: Range): void {
  if (isPartial(options)) return
  try {
    field.check?.(options as OptionsOf<Fields>)
  } catch (error) {
    if (!(error instanceof LogstreamError)) throw error
    fail(reading, placeOfOptions(options, error.option)?.range ?? range, error.message)
  }
}

function keep(
  reading: Reading,
  options: object | undefined,
  store: (options: Record<string, unknown>) => void,
): void {
  if (options === undefined) {
    reading.failed = true
    return
  }
  if (isPartial(options)) reading.skipped = true
  store(options as Record<string, unknown>)
}

function checkRequired(reading: Reading, name: string, field: Field): void {
  if (field.kind === 'attribute') {
    if (field.required && !reading.attributes.has(name))
      fail(reading, reading.range, `missing required attribute "${name}" (${field.type.name}): ${field.doc}`)
  } else if ((field.kind === 'block' || field.kind === 'blocks') && field.required) {
    if (!reading.attributes.has(name))
      fail(
        reading,
        reading.range,
        `missing required block "${name}"${field.kind === 'blocks' ? ': write at least one' : ''}: ${field.doc}`,
      )
  }
}

function unknownName(kind: 'attribute' | 'block', name: string, fields: Fields, env?: DecodeEnv): string {
  const known: string[] = []
  for (const [key, field] of Object.entries(fields)) {
    if (field.kind === 'variants')
      known.push(...Object.keys(field.variants as object).map((variant) => `${key}.${variant}`))
    else if (field.kind === 'stages')
      known.push(...[...(env?.stages.keys() ?? [])].map((stage) => `${key}.${stage}`))
    else known.push(key)
  }
  return unknown(kind, name, known)
}

function unknown(kind: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  return `unknown ${kind} "${name}"` + (near === undefined ? '' : `; did you mean "${near}"?`)
}

/** Throws BAD_ARGUMENT for options of a function that isn't a component, if it has no such option. */
export function checkOptionNames(name: string, given: unknown, known: readonly string[]): void {
  if (!isRecord(given)) throw noOptions(name, given)
  for (const key of Object.keys(given))
    if (!known.includes(key))
      throw new LogstreamError('BAD_ARGUMENT', `${name}: ${unknown('option', key, known)}`, { option: key })
}

/** Options from JS, checked and completed like those of a config. Throws `LogstreamError` BAD_ARGUMENT. */
export function decodeInput<F extends Fields>(name: string, fields: F, input: unknown): OptionsOf<F> {
  if (!isRecord(input)) throw noOptions(name, input)
  const options = absentOptions(fields)
  for (const [key, given] of Object.entries(input)) {
    if (given === undefined) continue
    const field = Object.hasOwn(fields, key) ? fields[key]! : undefined
    if (field === undefined) throw bad(name, key, unknownName('attribute', key, fields))
    options[key] = inputOption(name, key, field, given)
  }
  for (const [key, field] of Object.entries(fields)) {
    if (!('required' in field) || !field.required || input[key] !== undefined) continue
    throw bad(
      name,
      key,
      `missing: expected ${field.kind === 'attribute' ? (field.type.name as string) : 'a block'}`,
    )
  }
  return options as OptionsOf<F>
}

function bad(name: string, key: string, message: string): LogstreamError {
  return new LogstreamError('BAD_ARGUMENT', `${name}: option "${key}": ${message}`, { option: key })
}

function noOptions(name: string, found: unknown): LogstreamError {
  return new LogstreamError('BAD_ARGUMENT', `${name}: expected an object of options, found ${kindOf(found)}`)
}

function isRecord(given: unknown): given is Record<string, unknown> {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}

function kindOf(given: unknown): string {
  if (given === null) return 'null'
  return Array.isArray(given) ? 'a list' : typeof given
}

function inputOption(name: string, key: string, field: Field, given: unknown): unknown {
  switch (field.kind) {
    case 'attribute':
      try {
        return decodeAttribute(field as AttributeField<unknown, unknown>, valueOf(given))
      } catch (error) {
        throw bad(name, key, messageOf(error))
      }
    case 'block':
      return decodeInput(`${name} ${key}`, field.fields as Fields, given)
    case 'blocks':
      return listOf(name, key, given).map((each) => inputBlock(`${name} ${key}`, field, each))
    case 'variants':
      return listOf(name, key, given).map((each) => {
        const { variant, options } = each as { variant: string; options: Record<string, unknown> }
        const variants = field.variants as Readonly<Record<string, Fields>>
        if (!Object.hasOwn(variants, variant))
          throw bad(name, key, `unknown variant "${variant}": expected ${Object.keys(variants).join(', ')}`)
        return { variant, options: decodeInput(`${name} ${key}.${variant}`, variants[variant]!, options) }
      })
    case 'stages':
      return given
  }
}

function listOf(name: string, key: string, given: unknown): readonly unknown[] {
  if (Array.isArray(given) && given.every(isRecord)) return given
  throw bad(name, key, `expected a list of objects, found ${kindOf(given)}`)
}

function inputBlock(name: string, field: BlocksField<Fields>, given: unknown): object {
  const { label, ...input } = given as Record<string, unknown>
  if (!field.labelled || label === undefined) return decodeInput(name, field.fields, given)
  return { ...decodeInput(name, field.fields, input), label }
}
