/** Evaluates JMESPath trees as the Go library go-jmespath does, its leniency and its failures included. */
import { EvaluationFailure } from './error.ts'
import { functions } from './functions.ts'
import { objectOf } from './literal.ts'
import type { ArithmeticOperator, Comparison, Node } from './tree.ts'
import { deepEqual, isObject, isTrue, type Reference } from './value.ts'

/** What an expression sees besides its value. */
interface Scope {
  readonly root: unknown
  /** Variables of `let`. A reference sees those of where it is called, not of where it is written. */
  variables: ReadonlyMap<string, unknown>
}

type Step = (value: unknown, scope: Scope) => unknown

/** Compiles a tree to a function of the data. The function throws EvaluationFailure. */
export function compileTree(node: Node): (data: unknown) => unknown {
  const step = compile(node)
  return (data) => step(data, { root: data, variables: new Map() })
}

/** A field of an object, own fields only; null for what isn't there. */
export function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : null
}

function compile(node: Node): Step {
  switch (node.kind) {
    case 'field': {
      const { name } = node
      return (value) => fieldOf(value, name)
    }
    case 'variable':
      return variable(node.name)
    case 'literal': {
      const constant = node.value
      return () => constant
    }
    case 'current':
      return (value) => value
    case 'root':
      return (_, scope) => scope.root
    case 'index': {
      const { at } = node
      return (value) => (Array.isArray(value) ? ((value as unknown[]).at(at) ?? null) : null)
    }
    case 'slice':
      return slice(node.parts)
    case 'sub':
      return sub(compile(node.left), compile(node.right))
    case 'pipe': {
      const [left, right] = [compile(node.left), compile(node.right)]
      return (value, scope) => right(left(value, scope), scope)
    }
    case 'or': {
      const [left, right] = [compile(node.left), compile(node.right)]
      return (value, scope) => {
        const first = left(value, scope)
        return isTrue(first) ? first : right(value, scope)
      }
    }
    case 'and': {
      const [left, right] = [compile(node.left), compile(node.right)]
      return (value, scope) => {
        const first = left(value, scope)
        return isTrue(first) ? right(value, scope) : first
      }
    }
    case 'not': {
      const inner = compile(node.value)
      return (value, scope) => !isTrue(inner(value, scope))
    }
    case 'compare':
      return compare(node.operator, compile(node.left), compile(node.right))
    case 'arithmetic':
      return arithmetic(node.operator, compile(node.left), compile(node.right))
    case 'sign':
      return sign(node.operator, compile(node.value))
    case 'projection':
      return projection(node.left, node.right)
    case 'values':
      return values(compile(node.left), compile(node.right))
    case 'filter':
      return filter(compile(node.left), compile(node.right), compile(node.condition))
    case 'flatten':
      return flatten(compile(node.value))
    case 'list': {
      const items = node.items.map(compile)
      return (value, scope) => items.map((item) => item(value, scope))
    }
    case 'hash': {
      const fields = node.fields.map(([name, field]) => [name, compile(field)] as const)
      return (value, scope) => objectOf(fields.map(([name, field]) => [name, field(value, scope)]))
    }
    case 'call':
      return call(node.name, node.args.map(compile))
    case 'reference': {
      const inner = compile(node.value)
      return (_, scope): Reference =>
        (value) =>
          inner(value, scope)
    }
    case 'binding':
      return () => {
        throw new EvaluationFailure('"=" outside of let')
      }
    case 'let':
      return letIn(node.bindings, compile(node.value))
  }
}

/** Go turns some failures into null: those in what a filter, `[]` and `.*` are applied to. */
function orNull(step: Step, value: unknown, scope: Scope): unknown {
  try {
    return step(value, scope)
  } catch (error) {
    if (error instanceof EvaluationFailure) return null
    throw error
  }
}

function variable(name: string): Step {
  return (_, { variables }) => {
    if (!variables.has(name)) throw new EvaluationFailure(`${name} is not defined`)
    return variables.get(name)
  }
}

function sub(left: Step, right: Step): Step {
  return (value, scope) => {
    const inner = left(value, scope)
    return inner === null ? null : right(inner, scope)
  }
}

function letIn(bindings: readonly Node[], body: Step): Step {
  const compiled = bindings.map((node): [string, Step] => {
    const named = node.kind === 'binding' && (node.left.kind === 'variable' || node.left.kind === 'field')
    if (named) return [node.left.name, compile(node.right)]
    return [
      '',
      () => {
        throw new EvaluationFailure('let takes $name = value')
      },
    ]
  })
  return (value, scope) => {
    const outer = scope.variables
    const inner = new Map(outer)
    for (const [name, step] of compiled) inner.set(name, step(value, scope))
    scope.variables = inner
    try {
      return body(value, scope)
    } finally {
      scope.variables = outer
    }
  }
}

function compare(operator: Comparison, left: Step, right: Step): Step {
  return (value, scope) => {
    const a = left(value, scope)
    const b = right(value, scope)
    if (operator === '==') return deepEqual(a, b)
    if (operator === '!=') return !deepEqual(a, b)
    if (typeof a !== 'number' || typeof b !== 'number') return null
    if (operator === '<') return a < b
    if (operator === '<=') return a <= b
    return operator === '>' ? a > b : a >= b
  }
}

function arithmetic(operator: ArithmeticOperator, left: Step, right: Step): Step {
  return (value, scope) => {
    const a = left(value, scope)
    const b = right(value, scope)
    if (typeof a !== 'number' || typeof b !== 'number') return null
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
      case '//':
        return Math.floor(a / b)
    }
  }
}

function sign(operator: '+' | '-', inner: Step): Step {
  return (value, scope) => {
    const x = inner(value, scope)
    if (typeof x !== 'number') return null
    return operator === '-' ? -x : x
  }
}

function projected(items: readonly unknown[], right: Step, scope: Scope): unknown[] {
  const collected: unknown[] = []
  for (const item of items) {
    const result = right(item, scope)
    if (result !== null) collected.push(result)
  }
  return collected
}

function projection(left: Node, right: Node): Step {
  const [list, each] = [compile(left), compile(right)]
  // The slice of a string is a string; what follows isn't applied to it.
  const isSlice = left.kind === 'sub' && left.right.kind === 'slice'
  return (value, scope) => {
    const items = list(value, scope)
    if (Array.isArray(items)) return projected(items, each, scope)
    return isSlice && typeof items === 'string' ? items : null
  }
}

function values(left: Step, right: Step): Step {
  return (value, scope) => {
    const object = orNull(left, value, scope)
    return isObject(object) ? projected(Object.values(object), right, scope) : null
  }
}

function filter(left: Step, right: Step, condition: Step): Step {
  return (value, scope) => {
    const items = orNull(left, value, scope)
    if (!Array.isArray(items)) return null
    const collected: unknown[] = []
    for (const item of items as unknown[]) {
      if (!isTrue(condition(item, scope))) continue
      const result = right(item, scope)
      if (result !== null) collected.push(result)
    }
    return collected
  }
}

function flatten(inner: Step): Step {
  return (value, scope) => {
    const items = orNull(inner, value, scope)
    return Array.isArray(items) ? (items as unknown[]).flat() : null
  }
}

function call(name: string, args: readonly Step[]): Step {
  const fn = functions.get(name)
  return (value, scope) => {
    const given = args.map((arg) => arg(value, scope))
    if (fn === undefined) throw new EvaluationFailure(`there is no function ${name}`)
    return fn(given)
  }
}

function slice(parts: readonly (number | undefined)[]): Step {
  return (value) => {
    if (Array.isArray(value)) {
      if (parts[2] === 0) throw new EvaluationFailure('the step of a slice is 0')
      return sliced(value, parts)
    }
    if (typeof value !== 'string' || parts[2] === 0) return null
    return sliced([...value], parts).join('')
  }
}

function sliced<T>(items: readonly T[], [from, to, by = 1]: readonly (number | undefined)[]): T[] {
  const { length } = items
  const start = from === undefined ? (by < 0 ? length - 1 : 0) : bound(from, length, by)
  const stop = to === undefined ? (by < 0 ? -1 : length) : bound(to, length, by)
  const result: T[] = []
  if (by > 0) for (let at = start; at < stop; at += by) result.push(items[at]!)
  else for (let at = start; at > stop; at += by) result.push(items[at]!)
  return result
}

function bound(at: number, length: number, by: number): number {
  const absolute = at < 0 ? at + length : at
  if (absolute < 0) return by < 0 ? -1 : 0
  if (absolute >= length) return by < 0 ? length - 1 : length
  return absolute
}
