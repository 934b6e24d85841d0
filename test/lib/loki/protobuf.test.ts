/** Fields of protobuf messages. */
import fc from 'fast-check'
import t from 'tap'
import { Malformed } from '../../../lib/loki/malformed.ts'
import { WireReader } from '../../../lib/loki/protobuf.ts'
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

/** Every field of a message, read by each method. */
function all<T>(bytes: Buffer, read: (reader: WireReader) => T): [number, T][] {
  const reader = new WireReader(bytes)
  const fields: [number, T][] = []
  while (reader.next()) fields.push([reader.field, read(reader)])
  return fields
}

void t.test('each method reads its own types and leaves the others empty', (t) => {
  const numbers = (values: unknown[]): [number, unknown][] => values.map((value, i) => [i + 1, value])
  t.same(
    all(message, (reader) => reader.unsigned()),
    numbers([300n, 0n, 0x3ff8000000000000n, 1n]),
  )
  t.same(
    all(message, (reader) => reader.integer()),
    numbers([300, 0, 0, 0]),
  )
  t.same(
    all(message, (reader) => reader.text()),
    numbers(['', 'text', '', '']),
  )
  t.same(
    all(message, (reader) => reader.double()),
    numbers([0, 0, 1.5, 0]),
  )
  t.same(
    all(message, () => 0),
    numbers([0, 0, 0, 0]),
    'a field that is not read is skipped',
  )
  t.end()
})

void t.test('64 bits', (t) => {
  const largest = Buffer.from([8, ...Array.from({ length: 9 }, () => 0xff), 1])
  t.same(
    all(largest, (reader) => reader.unsigned()),
    [[1, 2n ** 64n - 1n]],
  )
  t.same(
    all(largest, (reader) => reader.integer()),
    [[1, -1]],
  )
  t.end()
})

void t.test('bytes that end early or are not a message', (t) => {
  const long = Array.from({ length: 11 }, () => 0xff)
  for (const bad of [[8], [8, 0x80], [0x12, 5, 1], [9, 1], [13, 1], [11], [8, ...long]])
    t.throws(() => all(Buffer.from(bad), () => 0), { message: /^expected / }, String(bad))
  t.end()
})

void t.test('any bytes end or are malformed', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(4), (bytes, which) => {
      const method = (['unsigned', 'integer', 'text', 'double', 'message'] as const)[which]!
      try {
        const found = all(Buffer.from(bytes), (reader) => reader[method]())
        t.ok(found.length <= bytes.length)
      } catch (error) {
        t.type(error, Malformed)
      }
    }),
    { numRuns: 150 },
  )
  t.end()
})
