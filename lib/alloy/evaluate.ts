/** Evaluates the expressions of a config to values, and reports the place of a bad one. */
import type { Access, Binary, Call, Expression, Identifier, Index, Literal, ObjectLiteral } from './ast.ts'
import { NestedValueError, type PathStep } from './convert.ts'
import { toInt64 } from '../go/integer.ts'
import { numberText } from './number-text.ts'
import { isFunction, isList, isNumeric, isObject } from './kinds.ts'
import { suggestion } from './nearest.ts'
import { parseNumberLiteral } from './number-literal.ts'
import { binary, OperandError, unary } from './operators.ts'
import type { Range, Source } from './source.ts'
import { stringValue } from './string-literal.ts'
import { typeName, ValueError, type Value } from './value.ts'

/** The variables that an expression sees. */
export interface Scope {
  /** The value of a name, if it has one. */
  lookup(name: string): Value | undefined
  /** All names, for "did you mean". */
  names?(): Iterable<string>
}

/** What is wrong with an expression; `range` is the innermost sub-expression at fault. */
export class EvaluationError extends Error {
  readonly source: Source
  readonly range: Range

  constructor(message: string, source: Source, range: Range) {
    super(message)
    this.name = 'EvaluationError'
    this.source = source
    this.range = range
  }
}

/** A scope of these values; names that aren't in it are looked up in `parent`. */
export function scopeOf(values: ReadonlyMap<string, Value>, parent?: Scope): Scope {
  return {
    lookup: (name) => {
      const value = values.get(name)
      return value === undefined ? parent?.lookup(name) : value
    },
    names: () => new Set([...values.keys(), ...(parent?.names?.() ?? [])]),
  }
}

interface Context {
  readonly scope: Scope
  readonly source: Source
}

/**
 * The value of an expression. Throws EvaluationError, and nothing else, if it has none. Walks by recursion: the
 * parser bounds the depth of its trees.
 */
export function evaluate(expression: Expression, scope: Scope, source: Source): Value {
  return valueOf(expression, { scope, source })
}

/**
 * The range of a part of a written value: `path` goes into the elements of array literals and the fields of object
 * literals, as far as the expression is one; else it is the range of what the part comes from.
 */
export function rangeAt(expression: Expression, path: readonly PathStep[]): Range {
  let at = expression
  for (const step of path) {
    while (at.kind === 'paren') at = at.value
    let next: Expression | undefined
    if (at.kind === 'array' && typeof step === 'number') next = at.elements[step]
    // The last of fields with one name is the one that counts.
    if (at.kind === 'object') next = at.fields.findLast((field) => field.name === step)?.value
    if (next === undefined) break
    at = next
  }
  return at.range
}

function valueOf(expression: Expression, context: Context): Value {
  switch (expression.kind) {
    case 'literal':
      return literal(expression, context)
    case 'array':
      return expression.elements.map((element) => valueOf(element, context))
    case 'object':
      return object(expression, context)
    case 'identifier':
      return identifier(expression, context)
    case 'access':
      return access(expression, context)
    case 'index':
      return index(expression, context)
    case 'call':
      return call(expression, context)
    case 'unary': {
      const value = valueOf(expression.value, context)
      return located(context, expression.value.range, () => unary(expression.operator, value))
    }
    case 'binary':
      return binaryValue(expression, context)
    case 'paren':
      return valueOf(expression.value, context)
  }
}

function located<T>(context: Context, range: Range, compute: () => T): T {
  try {
    return compute()
  } catch (error) {
    if (error instanceof ValueError) throw new EvaluationError(error.message, context.source, range)
    throw error
  }
}

function literal(expression: Literal, context: Context): Value {
  let value: Value | undefined
  switch (expression.type) {
    case 'null':
      return null
    case 'bool':
      return expression.raw === 'true'
    case 'string':
      value = located(context, expression.range, () => stringValue(expression.raw))
      break
    default:
      value = parseNumberLiteral(expression.raw)
  }
  if (value !== undefined) return value
  throw new EvaluationError(
    `${expression.raw} is not a valid ${expression.type}`,
    context.source,
    expression.range,
  )
}

function object(expression: ObjectLiteral, context: Context): Value {
  const fields = new Map<string, Value>()
  for (const field of expression.fields) fields.set(field.name, valueOf(field.value, context))
  return fields
}

function identifier(expression: Identifier, { scope, source }: Context): Value {
  const value = scope.lookup(expression.name)
  if (value !== undefined) return value
  const hint = suggestion(expression.name, scope.names?.() ?? [])
  const message = `"${expression.name}" does not exist or is out of scope${hint}`
  throw new EvaluationError(message, source, expression.range)
}

function access(expression: Access, context: Context): Value {
  const value = valueOf(expression.value, context)
  const { name, nameRange } = expression
  if (!isObject(value)) {
    const message = `cannot access field "${name}": expected object, found ${typeName(value)}`
    throw new EvaluationError(message, context.source, expression.value.range)
  }
  const field = value.get(name)
  if (field !== undefined) return field
  const message = `field "${name}" does not exist${suggestion(name, value.keys())}`
  throw new EvaluationError(message, context.source, nameRange)
}

function index(expression: Index, context: Context): Value {
  const value = valueOf(expression.value, context)
  const key = valueOf(expression.index, context)
  const { source } = context
  if (isList(value)) {
    if (!isNumeric(key)) {
      const message = `index of an array: expected number, found ${typeName(key)}`
      throw new EvaluationError(message, source, expression.index.range)
    }
    const at = toInt64(key)
    const element = at >= 0n && at < BigInt(value.length) ? value[Number(at)] : undefined
    if (element !== undefined) return element
    const message = `index ${numberText(key)} is out of range of an array of length ${value.length}`
    throw new EvaluationError(message, source, expression.index.range)
  }
  if (isObject(value)) {
    if (typeof key === 'string') return value.get(key) ?? null
    const message = `index of an object: expected string, found ${typeName(key)}`
    throw new EvaluationError(message, source, expression.index.range)
  }
  const message = `cannot index: expected array or object, found ${typeName(value)}`
  throw new EvaluationError(message, source, expression.value.range)
}

function call(expression: Call, context: Context): Value {
  const callee = valueOf(expression.value, context)
  if (!isFunction(callee)) {
    const message = `cannot call: expected function, found ${typeName(callee)}`
    throw new EvaluationError(message, context.source, expression.value.range)
  }
  const args = expression.args.map((argument) => valueOf(argument, context))
  try {
    return callee.call(args)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    const [at, ...rest] = error instanceof NestedValueError ? error.path : []
    const argument = typeof at === 'number' ? expression.args[at] : undefined
    const range = argument === undefined ? expression.value.range : rangeAt(argument, rest)
    throw new EvaluationError(error.message, context.source, range)
  }
}

function binaryValue(expression: Binary, context: Context): Value {
  const left = valueOf(expression.left, context)
  // Both sides are always evaluated: like Alloy, this doesn't short-circuit.
  const right = valueOf(expression.right, context)
  try {
    return binary(expression.operator, left, right)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    const onLeft = error instanceof OperandError && error.side === 'left'
    const { range } = onLeft ? expression.left : expression.right
    throw new EvaluationError(error.message, context.source, range)
  }
}
