import t from 'tap'
import { isInt64, toInt64, toUint64 } from '../../../lib/go/integer.ts'

void t.test('numbers as Go converts them', async (t) => {
  t.equal(toInt64(-1.9), -1n)
  t.equal(toInt64(1e300), -(2n ** 63n), 'as on amd64')
  t.equal(toInt64(NaN), -(2n ** 63n))
  t.equal(toInt64(2n ** 64n - 1n), -1n)
  t.equal(toUint64(-1n), 2n ** 64n - 1n)
  t.equal(toUint64(-1.5), 2n ** 64n - 1n)
  t.equal(toUint64(2 ** 63), 2n ** 63n)
  t.ok(isInt64(2n ** 63n - 1n))
  t.notOk(isInt64(2n ** 63n))
  t.ok(isInt64(-(2n ** 63n)))
  t.notOk(isInt64(-(2n ** 63n) - 1n))
})
