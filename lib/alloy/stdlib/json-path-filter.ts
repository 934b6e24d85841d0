/** The conditions of `[?(...)]` in JSON paths, with the loose typing of the Go library ojg. */
import { compareText } from '../../go/strings/order.ts'
import { RE2JS, RE2JSSyntaxException } from 're2js'
import { isList, isNumeric, isObject } from '../kinds.ts'
import { binary } from '../operators.ts'
import { ValueError, type Value } from '../value.ts'
import type { Equation, FunctionName, Operator, Path } from './json-path-tree.ts'

/** No value: a path that found nothing, or a sum of such. */
const nothing = Symbol('nothing')

/** What a part of a condition comes to; `found` marks what a path has found, which counts as true by itself. */
interface Outcome {
  readonly value: Value | typeof nothing
  readonly found: boolean
}

/** Follows a path from a value. */
export type Follow = (data: Value, path: Path) => readonly Value[]

interface Context {
  readonly item: Value
  readonly root: Value
  readonly follow: Follow
  /** Which of several findings each path takes in this try, and how many it has. */
  readonly picks: { readonly path: Path; readonly values: readonly Value[]; pick: number }[]
}

// Conditions over paths with several findings hold if they hold for any choice of them; up to this many are tried.
const maxTries = 10_000

/** Whether the condition holds for `item`, a member of what is filtered; `$` in it is `root`. */
export function holds(equation: Equation, item: Value, root: Value, follow: Follow): boolean {
  const context: Context = { item, root, follow, picks: [] }
  for (let tries = 0; tries < maxTries; tries++) {
    const { value, found } = evaluate(equation, context)
    if (found || value === true) return true
    // Counts up like an odometer, one wheel for each path.
    const wheel = context.picks.find((pick) => pick.pick + 1 < pick.values.length)
    if (wheel === undefined) return false
    for (const pick of context.picks) {
      if (pick === wheel) break
      pick.pick = 0
    }
    wheel.pick++
  }
  return false
}

function plain(value: Value | typeof nothing): Outcome {
  return { value, found: false }
}

function pathOutcome(path: Path, context: Context): Outcome {
  let entry = context.picks.find((pick) => pick.path === path)
  if (entry === undefined) {
    const start = path[0]?.kind === 'root' ? context.root : context.item
    entry = { path, values: context.follow(start, path), pick: 0 }
    context.picks.push(entry)
  }
  const value = entry.values[entry.pick]
  return value === undefined ? plain(nothing) : { value, found: true }
}

function evaluate(equation: Equation, context: Context): Outcome {
  switch (equation.kind) {
    case 'constant':
      return plain(equation.value)
    case 'list':
      return plain(equation.values)
    case 'nothing':
    case 'regex':
      return plain(nothing)
    case 'path':
      return pathOutcome(equation.path, context)
    case 'group':
      return plain(evaluate(equation.of, context).value)
    case 'not':
      return plain(!truthy(evaluate(equation.of, context)))
    case 'call':
      return plain(callFunction(equation.name, equation.args, context))
    case 'binary':
      return plain(combine(equation, context))
  }
}

function truthy(outcome: Outcome): boolean {
  return outcome.found || outcome.value === true
}

function combine(equation: Equation & { kind: 'binary' }, context: Context): Value | typeof nothing {
  const { operator } = equation
  const left = evaluate(equation.left, context)
  const right = evaluate(equation.right, context)
  switch (operator) {
    case '||':
      return truthy(left) || truthy(right)
    case '&&':
      return truthy(left) && truthy(right)
    case '==':
      return equal(left.value, right.value)
    case '!=':
      return !equal(left.value, right.value)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordered(operator, left.value, right.value)
    case 'has':
    case 'exists':
      return typeof right.value === 'boolean' && right.value === (left.value !== nothing)
    case 'empty':
      return typeof right.value === 'boolean' && right.value === isEmpty(left.value)
    case 'in':
      return right.value !== nothing && isList(right.value) && right.value.includes(left.value as Value)
    case '=~':
    case '~=':
      return matchesRegex(left.value, equation.right, right.value)
    default:
      return arithmetic(operator, left.value, right.value)
  }
}

function equal(left: Value | typeof nothing, right: Value | typeof nothing): boolean {
  if (left === nothing || right === nothing) return left === right
  if (isNumeric(left) && isNumeric(right)) return Number(left) === Number(right) && sameIntegers(left, right)
  return left === right
}

function sameIntegers(left: bigint | number, right: bigint | number): boolean {
  return typeof left !== 'bigint' || typeof right !== 'bigint' || left === right
}

function ordered(operator: '<' | '<=' | '>' | '>=', left: Value | symbol, right: Value | symbol): boolean {
  if (typeof left === 'string' && typeof right === 'string') {
    const order = compareText(left, right)
    return operator === '<'
      ? order < 0
      : operator === '>'
        ? order > 0
        : operator === '<='
          ? order <= 0
          : order >= 0
  }
  const numeric = (value: unknown): value is bigint | number =>
    typeof value === 'bigint' || typeof value === 'number'
  return numeric(left) && numeric(right) && binary(operator, left, right) === true
}

function isEmpty(value: Value | typeof nothing): boolean | undefined {
  if (typeof value === 'string') return value === ''
  if (value === nothing) return undefined
  if (isList(value)) return value.length === 0
  return isObject(value) ? value.size === 0 : undefined
}

function arithmetic(
  operator: Operator & ('+' | '-' | '*' | '/'),
  left: Value | typeof nothing,
  right: Value | typeof nothing,
): Value | typeof nothing {
  if (left === nothing || right === nothing) return nothing
  try {
    return binary(operator, left, right)
  } catch (error) {
    // Types that don't fit and a division by zero have no value.
    if (error instanceof ValueError) return nothing
    throw error
  }
}

function finds(pattern: string, text: string): boolean | undefined {
  try {
    return RE2JS.compile(pattern).matcher(text).find()
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return undefined
    throw error
  }
}

function matchesRegex(left: Value | symbol, equation: Equation, right: Value | symbol): boolean {
  if (typeof left !== 'string') return false
  if (equation.kind === 'regex') return equation.regex.matcher(left).find()
  return typeof right === 'string' && finds(right, left) === true
}

function callFunction(
  name: FunctionName,
  args: readonly Equation[],
  context: Context,
): Value | typeof nothing {
  const first = args[0]!
  if (name === 'count') {
    return first.kind === 'path' ? BigInt(context.follow(context.item, first.path).length) : nothing
  }
  const left = evaluate(first, context).value
  if (name === 'length') return lengthOf(left)
  const right = evaluate(args[1]!, context).value
  if (typeof left !== 'string' || typeof right !== 'string' || right === '') return nothing
  if (name === 'search') return finds(right, left) ?? nothing
  const anchored = `${right.startsWith('^') ? '' : '^'}${right}${right.endsWith('$') ? '' : '$'}`
  return finds(anchored, left) ?? nothing
}

// The length of a text is counted in bytes, as everywhere in Go.
function lengthOf(value: Value | typeof nothing): Value | typeof nothing {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value))
  if (value === nothing) return nothing
  if (isList(value)) return BigInt(value.length)
  return isObject(value) ? BigInt(value.size) : nothing
}
