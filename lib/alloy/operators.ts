/** The unary and binary operators of the config language, with the semantics of Go's numbers that Alloy has. */
import { rejoined } from '../go/strings/bytes.ts'
import { compareText } from '../go/strings/order.ts'
import { isDeepStrictEqual } from 'node:util'
import type { BinaryOperator, UnaryOperator } from './ast.ts'
import { isInt64, toInt64 } from '../go/integer.ts'
import { pow } from '../go/pow.ts'
import { isCapsule, isList, isNumeric, isObject, isSecret } from './kinds.ts'
import { typeName, ValueError, type Capsule, type ObjectValue, type Value } from './value.ts'

/** A ValueError that knows which operand is to blame. */
export class OperandError extends ValueError {
  readonly side: 'left' | 'right'

  constructor(side: 'left' | 'right', message: string) {
    super(message)
    this.name = 'OperandError'
    this.side = side
  }
}

type Numeric = bigint | number
type Comparison = '<' | '<=' | '>' | '>='
type Arithmetic = '-' | '*' | '/' | '%' | '^'

/** The result of `!value` or `-value`. Throws ValueError where the type doesn't fit. */
export function unary(operator: UnaryOperator, value: Value): Value {
  if (operator === '!') {
    if (typeof value !== 'boolean') throw new ValueError(`"!" takes a bool, found ${typeName(value)}`)
    return !value
  }
  if (typeof value === 'number') return -value
  // A uint64 becomes an int64 first, as in Alloy.
  if (typeof value === 'bigint') return BigInt.asIntN(64, -BigInt.asIntN(64, value))
  throw new ValueError(`"-" takes a number, found ${typeName(value)}`)
}

/**
 * The result of `left operator right`; both sides are evaluated already (Alloy has no short circuit). `==` and `!=`
 * take any types. Throws OperandError for types that don't fit and for a division by zero.
 */
export function binary(operator: BinaryOperator, left: Value, right: Value): Value {
  const [a, b] = unwrapSecrets(left, right)
  switch (operator) {
    case '==':
      return valuesEqual(a, b)
    case '!=':
      return !valuesEqual(a, b)
    case '&&':
    case '||': {
      requireType(operator, typeof a === 'boolean', typeof b === 'boolean', 'bools', left, right)
      return operator === '&&' ? a === true && b === true : a === true || b === true
    }
    case '+':
      return add(a, b)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(operator, a, b)
    default:
      requireType(operator, isNumeric(a), isNumeric(b), 'numbers', left, right)
      return arithmetic(operator, a as Numeric, b as Numeric)
  }
}

function requireType(operator: string, okA: boolean, okB: boolean, wanted: string, a: Value, b: Value): void {
  if (!okA) throw new OperandError('left', `"${operator}" takes ${wanted}, found ${typeName(a)}`)
  if (!okB) throw new OperandError('right', `"${operator}" takes ${wanted}, found ${typeName(b)}`)
}

function mismatch(operator: string, a: Value, b: Value): OperandError {
  const message = `"${operator}" takes two values of one type, found ${typeName(a)} and ${typeName(b)}`
  return new OperandError('right', message)
}

// A secret with a string makes both secrets; an optional secret with a string makes both strings.
function unwrapSecrets(left: Value, right: Value): [Value, Value] {
  if (isSecret(left) && typeof right === 'string') {
    return left.optional ? [left.text, right] : [left, { kind: 'secret', text: right, optional: false }]
  }
  if (typeof left === 'string' && isSecret(right)) {
    return right.optional ? [left, right.text] : [{ kind: 'secret', text: left, optional: false }, right]
  }
  return [left, right]
}

function add(a: Value, b: Value): Value {
  if (typeof a === 'string' && typeof b === 'string') return rejoined(a + b)
  if (isNumeric(a) && isNumeric(b)) return arithmetic('+', a, b)
  if (isSecret(a) && isSecret(b)) {
    return { kind: 'secret', text: a.text + b.text, optional: a.optional && b.optional }
  }
  const fits = (v: Value): boolean => typeof v === 'string' || isNumeric(v) || isSecret(v)
  requireType('+', fits(a), fits(b), 'numbers, strings or secrets', a, b)
  throw mismatch('+', a, b)
}

function compare(operator: Comparison, a: Value, b: Value): boolean {
  if (typeof a === 'string' && typeof b === 'string') return ordered(operator, compareText(a, b))
  if (isNumeric(a) && isNumeric(b)) {
    // Mixed kinds are compared as floats, a uint64 with an int64 as int64; NaN is in no order with anything.
    const [x, y] = samekind(a, b)
    if (Number.isNaN(x) || Number.isNaN(y)) return false
    return ordered(operator, x < y ? -1 : x > y ? 1 : 0)
  }
  const fits = (v: Value): boolean => typeof v === 'string' || isNumeric(v)
  requireType(operator, fits(a), fits(b), 'numbers or strings', a, b)
  throw mismatch(operator, a, b)
}

function ordered(operator: Comparison, order: number): boolean {
  if (operator === '<') return order < 0
  if (operator === '<=') return order <= 0
  return operator === '>' ? order > 0 : order >= 0
}

// Both as float, if one is; both as int64, if one fits into it; else (both uint64) as they are.
function samekind(a: Numeric, b: Numeric): [bigint, bigint] | [number, number] {
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    return isInt64(a) || isInt64(b) ? [toInt64(a), toInt64(b)] : [a, b]
  }
  return [Number(a), Number(b)]
}

function arithmetic(operator: Arithmetic | '+', a: Numeric, b: Numeric): Numeric {
  if ((operator === '/' || operator === '%') && Number(b) === 0) {
    throw new OperandError('right', 'division by zero')
  }
  const [x, y] = samekind(a, b)
  if (typeof x === 'number' || typeof y === 'number') return floatResult(operator, Number(x), Number(y))
  const result = integerResult(operator, x, y)
  // Overflow wraps silently, in the kind of the operands.
  return isInt64(x) || isInt64(y) ? BigInt.asIntN(64, result) : BigInt.asUintN(64, result)
}

function integerResult(operator: Arithmetic | '+', a: bigint, b: bigint): bigint {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '%':
      return a % b
    default:
      return power(a, b)
  }
}

function floatResult(operator: Arithmetic | '+', a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '%':
      return a % b
    default:
      return pow(a, b)
  }
}

// a^b modulo 2^64. Alloy multiplies in a loop from 2 to b, so a negative exponent leaves the base as it is.
function power(base: bigint, exponent: bigint): bigint {
  if (exponent === 0n || base === 1n) return 1n
  if (exponent < 0n) return base
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = BigInt.asUintN(64, result * square)
    square = BigInt.asUintN(64, square * square)
  }
  return result
}

/**
 * Whether two values are equal: numbers by value (3 == 3.0), lists and objects by their parts, capsules by identity
 * or equal plain content; different types and functions never are.
 */
export function valuesEqual(a: Value, b: Value): boolean {
  if (isNumeric(a) && isNumeric(b)) {
    const [x, y] = samekind(a, b)
    return x === y
  }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b
  if (isList(a)) return isList(b) && listsEqual(a, b)
  if (isObject(a)) return isObject(b) && objectsEqual(a, b)
  if (isSecret(a) && isSecret(b)) return a.text === b.text
  return isCapsule(a) && isCapsule(b) && capsulesEqual(a, b)
}

function listsEqual(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((element, at) => valuesEqual(element, b[at]!))
}

function objectsEqual(a: ObjectValue, b: ObjectValue): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) {
    const other = b.get(key)
    if (other === undefined || !valuesEqual(value, other)) return false
  }
  return true
}

// Live objects (receivers) hide their state in private fields, which a deep comparison would not see.
function isPlain(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return true
  return Array.isArray(data) || data instanceof Map || Object.getPrototypeOf(data) === Object.prototype
}

function capsulesEqual(a: Capsule, b: Capsule): boolean {
  if (a.type !== b.type) return false
  if (Object.is(a.data, b.data)) return true
  return isPlain(a.data) && isPlain(b.data) && isDeepStrictEqual(a.data, b.data)
}
