/** Sprig's casts. */
import t from 'tap'
import { castFloat64, castInt64 } from '../../../../lib/go/template/cast.ts'
import { goInt, int64, list, type Value } from '../../../../lib/go/template/value.ts'

void t.test('casts', (tap) => {
  const cases: [Value, bigint, number][] = [
    [5n, 5n, 5],
    [2.9, 2n, 2.9],
    [-2.9, -2n, -2.9],
    [true, 1n, 1],
    ['42', 42n, 42],
    ['2.9', 2n, 2.9],
    ['.5', 0n, 0.5],
    ['-.5', 0n, -0.5],
    ['1e3', 0n, 1000],
    ['x', 0n, 0],
    [null, 0n, 0],
    [undefined, 0n, 0],
    [list([]), 0n, 0],
    [int64(7n), 7n, 7],
    [goInt('int64', 7n, 'time.Duration'), 0n, 7],
  ]
  for (const [value, integer, float] of cases)
    tap.same(
      [castInt64(value), castFloat64(value)],
      [integer, float],
      typeof value === 'object' ? '' : String(value),
    )
  tap.end()
})
