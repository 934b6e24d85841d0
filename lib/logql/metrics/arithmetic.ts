/** The operators of LogQL on two numbers. */
import type { BinaryOperator, CompareOperator, MetricExpression, SetOperator } from '../syntax/ast.ts'

/**
 * The result of an operator; comparisons give 1 or 0. A division or modulo by zero is NaN, which differs from
 * Prometheus.
 */
export function calculate(operator: BinaryOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return right === 0 ? NaN : left / right
    case '%':
      return right === 0 ? NaN : left % right
    case '^':
      return power(left, right)
    default:
      return compare(operator, left, right) ? 1 : 0
  }
}

/** Go's math.Pow: 1 to any power is 1, and so is -1 to an infinite one. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1
  return base ** exponent
}

/** Whether a comparison holds; with NaN only `!=` does. */
export function compare(operator: BinaryOperator, left: number, right: number): boolean {
  switch (operator) {
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '>':
      return left > right
    case '>=':
      return left >= right
    case '<':
      return left < right
    case '<=':
      return left <= right
    default:
      return false
  }
}

/** Returns the result of an operation on two plain numbers; undefined when either side isn't one. */
export function literalOf(
  operator: BinaryOperator,
  left: MetricExpression,
  right: MetricExpression,
): number | undefined {
  if (left.kind !== 'literal' || right.kind !== 'literal' || isSetOperator(operator)) return undefined
  return calculate(operator, left.value, right.value)
}

export function isComparison(operator: BinaryOperator): operator is CompareOperator {
  return ['==', '!=', '>', '>=', '<', '<='].includes(operator)
}

export function isSetOperator(operator: BinaryOperator): operator is SetOperator {
  return operator === 'and' || operator === 'or' || operator === 'unless'
}
