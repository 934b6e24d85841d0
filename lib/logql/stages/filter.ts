/** Line filters: `|= "a" or "b" !~ "c" |> "<_> d" |= ip("10.0.0.0/8")`. */
import type { LineFilter, LineFilterOperator, LineOperand } from '../syntax/ast.ts'
import { LogqlError } from '../syntax/error.ts'
import { compileIp } from './ip.ts'
import { compileLinePattern } from './line-pattern.ts'
import { compileAnywhere } from './selector.ts'
import type { Stage } from './stage.ts'

/** Tells whether a line passes. */
export type LineTest = (line: string) => boolean

function compileOperand(operator: LineFilterOperator, { ip, text }: LineOperand, offset?: number): LineTest {
  if (ip) {
    if (operator !== '|=' && operator !== '!=')
      throw new LogqlError(
        'ip: invalid operation: only |= and != take ip()',
        offset === undefined ? {} : { offset },
      )
    return compileIp(text, offset)
  }
  switch (operator) {
    case '|=':
    case '!=':
      return (line) => line.includes(text)
    case '|~':
    case '!~': {
      const regexp = compileAnywhere(text, offset)
      return (line) => regexp.test(line)
    }
    default:
      return compileLinePattern(text)
  }
}

/**
 * A filter on lines.
 *
 * @throws {LogqlError} for a bad expression, pattern or address
 */
export function compileLineFilter(filter: LineFilter, offset?: number): LineTest {
  const tests = filter.operands.map((operand) => compileOperand(filter.operator, operand, offset))
  const [first] = tests
  if (first === undefined) return () => true
  if (filter.operator.startsWith('!')) return (line) => !first(line)
  if (tests.length === 1) return first
  return (line) => {
    for (const test of tests) if (test(line)) return true
    return false
  }
}

/** The stage of a run of filters, which must all pass. @throws {LogqlError} */
export function lineFilterStage(filters: readonly LineFilter[], offset?: number): Stage {
  const tests = filters.map((filter) => compileLineFilter(filter, offset))
  return {
    names: [],
    process({ line }) {
      for (const test of tests) if (!test(line)) return false
      return true
    },
  }
}
