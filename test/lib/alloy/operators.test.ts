import { inspect } from 'node:util'
import t from 'tap'
import type { BinaryOperator } from '../../../lib/alloy/ast.ts'
import { binary, unary, valuesEqual } from '../../../lib/alloy/operators.ts'
import type { Value } from '../../../lib/alloy/value.ts'

const max = 2n ** 63n - 1n
const secret = (text: string, optional = false): Value => ({ kind: 'secret', text, optional })

void t.test('bytes that complete a character become it', async (t) => {
  t.equal(binary('+', 'a\udcc3', '\udca9'), 'aé')
})

void t.test('arithmetic is that of int64, uint64 and float64', async (t) => {
  const cases: [Value, BinaryOperator, Value, Value][] = [
    [max, '+', 1n, -(2n ** 63n)],
    [max, '*', 2n, -2n],
    [2n ** 64n - 1n, '+', 2n ** 63n, 2n ** 63n - 1n],
    [2n ** 63n, '+', 1n, -(2n ** 63n) + 1n],
    [-(2n ** 63n), '/', -1n, -(2n ** 63n)],
    [-7n, '/', 2n, -3n],
    [-7n, '%', 2n, -1n],
    [7n, '%', -2n, 1n],
    [7.5, '%', 2n, 1.5],
    [1n, '+', 0.5, 1.5],
    [2n, '^', -1n, 2n],
    [0n, '^', 5n, 0n],
    [0n, '^', 0n, 1n],
    [3n, '^', 2n ** 62n, 1n],
    [2n, '^', 64n, 0n],
    [2n, '^', 0.5, Math.SQRT2],
    [7n, '^', -2.0, 0.02040816326530612],
    [0.1, '^', 10n, 1.0000000000000011e-10],
    ['a', '+', 'b', 'ab'],
  ]
  // 3^(2^62) is 1 modulo 2^64: a loop over the exponent would never end.
  for (const [a, operator, b, result] of cases)
    t.equal(binary(operator, a, b), result, inspect([a, operator, b]))
  t.equal(unary('-', -(2n ** 63n)), -(2n ** 63n))
  t.equal(unary('-', 2n ** 63n), -(2n ** 63n), 'uint64 becomes int64')
  t.equal(unary('!', false), true)
})

void t.test('comparisons', async (t) => {
  const cases: [Value, BinaryOperator, Value, boolean][] = [
    [1n, '<', 1.5, true],
    [2n ** 64n - 1n, '>', 2n ** 63n, true],
    [2n ** 63n, '<', 1n, true],
    ['B', '<', 'a', true],
    ['ﬁ', '<', '🚀', true],
    ['a', '>=', '', true],
    [NaN, '>=', 1n, false],
    [secret('b', true), '>', 'a', true],
    [3n, '==', 3, true],
    ['1', '==', 1n, false],
    [null, '!=', 0n, true],
    [
      [1n, { kind: 'capsule', type: 'x', data: [1] }],
      '==',
      [1, { kind: 'capsule', type: 'x', data: [1] }],
      true,
    ],
    [new Map([['a', 1n]]), '==', new Map([['a', 1]]), true],
    [new Map([['a', null]]), '==', new Map([['b', null]]), false],
    [secret('a'), '==', secret('a', true), true],
    [secret('a'), '==', 'a', true],
  ]
  for (const [a, operator, b, result] of cases)
    t.equal(binary(operator, a, b), result, inspect([a, operator, b]))
})

void t.test('live capsules are equal only to themselves', async (t) => {
  class Receiver {}
  const [a, b] = [new Receiver(), new Receiver()]
  t.ok(
    valuesEqual(
      { kind: 'capsule', type: 'receiver', data: a },
      { kind: 'capsule', type: 'receiver', data: a },
    ),
  )
  t.notOk(
    valuesEqual(
      { kind: 'capsule', type: 'receiver', data: a },
      { kind: 'capsule', type: 'receiver', data: b },
    ),
  )
})

void t.test('secrets stay secret', async (t) => {
  t.strictSame(binary('+', secret('a'), 'b'), secret('ab'))
  t.strictSame(binary('+', 'b', secret('a')), secret('ba'))
  t.strictSame(binary('+', secret('a', true), secret('b')), secret('ab'))
  t.strictSame(binary('+', secret('a', true), secret('b', true)), secret('ab', true))
  t.equal(binary('+', secret('a', true), 'b'), 'ab')
})

void t.test('what does not fit names the side', async (t) => {
  const cases: [Value, BinaryOperator, Value, 'left' | 'right'][] = [
    [1n, '+', 'a', 'right'],
    [[], '+', [], 'left'],
    [true, '&&', 1n, 'right'],
    [1n, '||', true, 'left'],
    [true, '<', false, 'left'],
    [secret('a'), '<', 'a', 'left'],
    [1n, '<', 'a', 'right'],
    [1n, '/', 0n, 'right'],
    [1.5, '%', 0, 'right'],
    ['a', '-', 'b', 'left'],
    [secret('a'), '+', 1n, 'right'],
  ]
  for (const [a, operator, b, side] of cases) {
    t.throws(() => binary(operator, a, b), { side, name: 'OperandError' }, `${operator} ${side}`)
  }
  t.throws(() => unary('-', 'a'), /takes a number, found string/)
})
