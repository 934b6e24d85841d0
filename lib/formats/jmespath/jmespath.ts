/** JMESPath expressions of stage.json, with the results of the Go library that Alloy uses (go-jmespath 1.1.1). */
import { LogstreamError } from '../../errors.ts'
import { EvaluationFailure, JmespathError } from './error.ts'
import { compileTree, fieldOf } from './evaluate.ts'
import { parseExpression } from './parser.ts'
import type { Node } from './tree.ts'

/**
 * Looks an expression up in parsed JSON. Returns the value found, null for none, undefined if the evaluation fails. The
 * value may be a function (`&a`), which isn't JSON. `sort_by` sorts lists of the data itself.
 */
export type Lookup = (data: unknown) => unknown

/** The names of a plain path, `a` or `a.b.c` or `"x-y".b`; undefined for any other expression. */
function pathOf(node: Node): string[] | undefined {
  if (node.kind === 'field') return [node.name]
  if (node.kind !== 'sub' || node.right.kind !== 'field') return undefined
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

function parse(expression: string): Node {
  try {
    return parseExpression(expression)
  } catch (cause) {
    if (!(cause instanceof JmespathError)) throw cause
    throw new LogstreamError(
      'BAD_ARGUMENT',
      `bad JMESPath expression ${JSON.stringify(expression)} at character ${cause.offset + 1}: ${cause.message}; ` +
        'write an expression such as a.b or items[0].name, and names with other letters as \'"x-y"\'',
      { cause },
    )
  }
}

/**
 * Compiles a JMESPath expression (community dialect, https://jmespath.site, as far as go-jmespath has it). The result
 * never throws.
 *
 * @throws {LogstreamError} BAD_ARGUMENT for an expression that doesn't parse
 */
export function compileJmespath(expression: string): Lookup {
  const node = parse(expression)
  const path = pathOf(node)
  if (path !== undefined) return compilePath(path)
  const evaluate = compileTree(node)
  return (data) => {
    try {
      return evaluate(data)
    } catch (error) {
      if (error instanceof EvaluationFailure) return undefined
      throw error
    }
  }
}
