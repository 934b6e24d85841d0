import t from 'tap'
import { bytesOf, bytesValue } from '../../../lib/alloy/bytes-value.ts'

void t.test('byte lists are arrays of numbers that remember their bytes', async (t) => {
  const list = bytesValue(Uint8Array.of(104, 105))
  t.strictSame([...list], [104n, 105n])
  t.strictSame(bytesOf(list), Uint8Array.of(104, 105))
  t.equal(bytesOf([104n, 105n]), undefined)
  t.equal(bytesOf('hi'), undefined)
})
