import t from 'tap'
import { isSigned, numberText, toInt64, toUint64 } from '../../../lib/alloy/go-number.ts'

void t.test('numbers as Go converts and prints them', async (t) => {
  t.equal(toInt64(-1.9), -1n)
  t.equal(toInt64(1e300), -(2n ** 63n), 'as on amd64')
  t.equal(toInt64(NaN), -(2n ** 63n))
  t.equal(toInt64(2n ** 64n - 1n), -1n)
  t.equal(toUint64(-1n), 2n ** 64n - 1n)
  t.equal(toUint64(-1.5), 2n ** 64n - 1n)
  t.equal(toUint64(2 ** 63), 2n ** 63n)
  t.equal(numberText(1e21), '1000000000000000000000')
  t.equal(numberText(2n ** 64n - 1n), '18446744073709551615')
  t.equal(numberText(0.1), '0.1')
  t.ok(isSigned(2n ** 63n - 1n))
  t.notOk(isSigned(2n ** 63n))
})
