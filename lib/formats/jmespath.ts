/** JMESPath expressions of stage.json, in the community's dialect and with the results of its Go implementation. */

import { compile, type JSONValue, TreeInterpreter, TYPE_ANY } from '@jmespath-community/jmespath'
import { LogstreamError, messageOf } from '../errors.ts'
import { marshalSorted } from '../go/json/writer.ts'
import { parseFloat } from '../go/strconv/number.ts'

type Node = ReturnType<typeof compile>
type Interpreter = typeof TreeInterpreter

/** Looks an expression up in parsed JSON: the value found, null for none, undefined where the evaluation fails. */
export type Lookup = (data: unknown) => unknown

/** Own fields only: `constructor` is no field of an object that lacks it. */
function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
    return null
  return (value as Record<string, unknown>)[name]
}

function arithmetic(operator: string, left: unknown, right: unknown): number | null {
  if (typeof left !== 'number' || typeof right !== 'number') return null
  switch (operator) {
    case 'Plus':
      return left + right
    case 'Minus':
      return left - right
    case 'Divide':
      return left / right
    case 'Modulo':
      return left % right
    case 'Div':
      return Math.floor(left / right)
    default:
      return left * right
  }
}

/** Makes an interpreter give what the Go one does: no error for numbers that are none, infinity for a division by zero. */
function adapt(interpreter: Interpreter): Interpreter {
  const visit = interpreter.visit.bind(interpreter)
  const withScope = interpreter.withScope.bind(interpreter)
  interpreter.withScope = (scope) => adapt(withScope(scope))
  interpreter.visit = (node, value) => {
    if (node.type === 'Field') return fieldOf(value, node.name) as JSONValue
    if (node.type === 'Unary') {
      const operand = interpreter.visit(node.operand, value)
      if (typeof operand !== 'number') return null
      return node.operator === 'Minus' ? -operand : operand
    }
    if (node.type !== 'Arithmetic') return visit(node, value)
    return arithmetic(
      node.operator,
      interpreter.visit(node.left, value),
      interpreter.visit(node.right, value),
    )
  }
  return interpreter
}

function toText([value]: unknown[]): string {
  const text = typeof value === 'string' ? value : marshalSorted(value)
  if (text === undefined) throw new LogstreamError('BAD_INPUT', 'to_string() takes no NaN and no infinity')
  return text
}

function toNumber([value]: unknown[]): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? (parseFloat(value) ?? null) : null
}

/** An interpreter of our own: functions registered with the package's shared one would change it for everybody. */
function createInterpreter(): Interpreter {
  const Class = TreeInterpreter.constructor as unknown as new () => Interpreter
  const interpreter = new Class()
  const any = [{ types: [TYPE_ANY] }]
  interpreter.runtime.registerFunction('to_string', toText, any, { override: true })
  interpreter.runtime.registerFunction('to_number', toNumber, any, { override: true })
  return adapt(interpreter)
}

const interpreter = createInterpreter()

/** The names of a plain path, `a` or `a.b.c` or `"x-y".b`; undefined for any other expression. */
function pathOf(node: Node): string[] | undefined {
  if (node.type === 'Field') return [node.name]
  if (node.type !== 'Subexpression' || node.right.type !== 'Field') return undefined
  const left = pathOf(node.left)
  return left === undefined ? undefined : [...left, node.right.name]
}

function compilePath(path: string[]): Lookup {
  const [first = ''] = path
  if (path.length === 1) return (data) => fieldOf(data, first)
  return (data) => {
    let value = data
    for (const name of path) value = fieldOf(value, name)
    return value
  }
}

/** The Go implementation has no `a ? b : c`. */
function hasTernary(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  const { type } = node as { type?: unknown }
  if (type === 'Literal') return false
  return type === 'Ternary' || Object.values(node).some(hasTernary)
}

/** All quotes closed: the package lets a raw string run to the end. The alternatives differ in their first letter. */
const closedQuotes = /^(?:[^'"`]|'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"|`(?:[^`\\]|\\[^])*`)*$/

function parse(expression: string): Node {
  const wanted =
    'write a JMESPath expression such as a.b or items[0].name, and names with other letters as \'"x-y"\''
  const found = `bad JMESPath expression ${JSON.stringify(expression)}`
  let node: Node
  try {
    node = compile(expression)
  } catch (cause) {
    throw new LogstreamError('BAD_ARGUMENT', `${found}: ${messageOf(cause)}; ${wanted}`, { cause })
  }
  if (!closedQuotes.test(expression))
    throw new LogstreamError('BAD_ARGUMENT', `${found}: a quote is not closed; ${wanted}`)
  if (hasTernary(node))
    throw new LogstreamError('BAD_ARGUMENT', `${found}: there is no "a ? b : c"; ${wanted}`)
  return node
}

/**
 * Compiles a JMESPath expression (community dialect, https://jmespath.site, as far as go-jmespath has it). The result never
 * throws: it returns null for what is not there and undefined where a function refuses its arguments.
 * Throws BAD_ARGUMENT for an expression that does not parse.
 */
export function compileJmespath(expression: string): Lookup {
  const node = parse(expression)
  const path = pathOf(node)
  if (path !== undefined) return compilePath(path)
  // A reference to an expression, `&a`, is no value.
  if (node.type === 'ExpressionReference') return () => undefined
  return (data) => {
    try {
      return interpreter.search(node, data as JSONValue)
    } catch {
      return undefined
    }
  }
}
