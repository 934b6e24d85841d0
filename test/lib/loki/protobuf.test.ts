/** Fields of protobuf messages. */
import fc from 'fast-check'
import t from 'tap'
import { fieldsOf, Malformed } from '../../../lib/loki/protobuf.ts'
import { bytesField, varintField } from '../../support/push-request.ts'

const fixed = Buffer.alloc(9)
fixed[0] = 3 * 8 + 1
fixed.writeDoubleLE(1.5, 1)
const message = Buffer.concat([
  varintField(1, 300),
  bytesField(2, 'text'),
  fixed,
  Buffer.from([4 * 8 + 5, 1, 0, 0, 0]),
])
const fields = [...fieldsOf(message)]
t.same(
  fields.map(({ number, integer }) => [number, integer]),
  [
    [1, 300n],
    [2, 0n],
    [3, 0x3ff8000000000000n],
    [4, 1n],
  ],
)
t.equal(fields[1]?.bytes.toString(), 'text')
t.equal(fields[2]?.double, 1.5)
const largest = Buffer.from([8, ...Array.from({ length: 9 }, () => 0xff), 1])
t.equal([...fieldsOf(largest)][0]?.integer, 2n ** 64n - 1n)
for (const bad of [
  [8],
  [8, 0x80],
  [0x12, 5, 1],
  [9, 1],
  [13, 1],
  [11],
  [8, ...Array.from({ length: 11 }, () => 0xff)],
])
  t.throws(() => [...fieldsOf(Buffer.from(bad))], { message: /^expected / }, String(bad))
fc.assert(
  fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
    try {
      const all = [...fieldsOf(Buffer.from(bytes))]
      t.ok(all.length <= bytes.length)
    } catch (error) {
      t.type(error, Malformed)
    }
  }),
  { numRuns: 200 },
)
