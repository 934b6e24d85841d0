import t from 'tap'
import {
  calculate,
  compare,
  isComparison,
  isSetOperator,
  literalOf,
} from '../../../../lib/logql/metrics/arithmetic.ts'

void t.test('numbers are calculated as Loki does', (tap) => {
  for (const [left, operator, right, expected] of [
    [7, '+', 2, 9],
    [7, '-', 2, 5],
    [7, '*', 2, 14],
    [7, '/', 2, 3.5],
    [7, '/', 0, NaN],
    [0, '/', 0, NaN],
    [-7, '%', 4, -3],
    [7, '%', 0, NaN],
    [2, '^', 10, 1024],
    [1, '^', NaN, 1],
    [-1, '^', Infinity, 1],
    [2, '>', 1, 1],
    [1, '>=', 2, 0],
  ] as const)
    tap.same(calculate(operator, left, right), expected, `${left} ${operator} ${right}`)
  tap.end()
})

void t.test('comparisons with NaN fail, save !=', (tap) => {
  for (const operator of ['==', '>', '>=', '<', '<='] as const)
    tap.notOk(compare(operator, NaN, NaN), operator)
  tap.ok(compare('!=', NaN, NaN))
  tap.notOk(compare('+', 1, 1), 'no comparison holds for an arithmetic operator')
  tap.end()
})

void t.test('kinds of operators', (tap) => {
  tap.same(
    ['==', '<', '+', 'and'].map((operator) => isComparison(operator as '==')),
    [true, true, false, false],
  )
  tap.same(
    ['unless', 'or', 'and', '!='].map((operator) => isSetOperator(operator as 'or')),
    [true, true, true, false],
  )
  tap.end()
})

void t.test('only two plain numbers make one', (tap) => {
  const number = (value: number, kind: 'literal' | 'vector' = 'literal') =>
    ({ kind, value, start: 0, end: 1 }) as const
  tap.equal(literalOf('^', number(2), number(3)), 8)
  tap.equal(literalOf('+', number(2), number(3, 'vector')), undefined)
  tap.equal(literalOf('and', number(2), number(3)), undefined)
  tap.end()
})
