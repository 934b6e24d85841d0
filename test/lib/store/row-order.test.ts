/** Rows by time, then by stream, then as they come. */
import t from 'tap'
import fc from 'fast-check'
import { timeOrder } from '../../../lib/store/row-order.ts'

void t.test('the order of rows', (t) => {
  const time = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.maxSafeInteger())
  const rows = fc.array(fc.tuple(time, fc.integer({ min: 1, max: 3 })), { maxLength: 300 })
  fc.assert(
    fc.property(rows, (drawn) => {
      const wanted = [...drawn.entries()].sort(([a, [x, s]], [b, [y, u]]) => x - y || s - u || a - b)
      const order = timeOrder(
        Float64Array.from(drawn, ([each]) => each),
        Int32Array.from(drawn, ([, stream]) => stream),
      )
      t.same(
        [...order],
        wanted.map(([row]) => row),
      )
    }),
  )
  t.end()
})
