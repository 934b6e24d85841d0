/** The index of a sealed file: what was written is read, anything else is refused. */
import { createHash } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import t from 'tap'
import { decodeIndex, encodeIndex } from '../../../../lib/store/sealed/part-index.ts'

const streams = [
  { id: 3, oldest: -5n, newest: 2n ** 62n, rows: 7, bytes: 2 ** 40 },
  { id: 9, oldest: 0n, newest: 0n, rows: 1, bytes: 0 },
]

const counts = Uint8Array.of(1, 2, 3)
const grams = Uint8Array.of(9, 8)
const none = new Uint8Array()

void t.test('a round trip', (t) => {
  const filter = Uint8Array.from({ length: 131_072 }, (_, i) => (i % 97 === 0 ? 4 : 0))
  const written = encodeIndex({ streams, filter, counts, grams })
  t.ok(written.length < 8192, 'few bits take little')
  const read = decodeIndex(written)
  t.same(read.streams, streams)
  t.ok(Buffer.from(filter).equals(read.filter))
  t.same([...read.counts], [...counts])
  t.same([...read.grams], [...grams])
  t.equal(decodeIndex(encodeIndex({ streams: [], filter: none, counts: none, grams: none })).filter.length, 0)
  t.end()
})

void t.test('an index from before grams were in it', (t) => {
  const filter = deflateRawSync(Uint8Array.of(5))
  const written = Buffer.concat([Buffer.from('LSX2'), Buffer.alloc(20), filter, counts])
  written.writeUInt32LE(filter.length, 20)
  createHash('sha256').update(written.subarray(16)).digest().copy(written, 4, 0, 8)
  const read = decodeIndex(written)
  t.same([[...read.filter], [...read.counts], [...read.grams]], [[5], [1, 2, 3], []])
  t.end()
})

void t.test('changed bytes', (t) => {
  const written = encodeIndex({ streams, filter: none, counts, grams })
  written[30]! ^= 1
  t.throws(() => decodeIndex(written), /not what was written/)
  t.throws(() => decodeIndex(Buffer.from('LSX')), /not an index/)
  t.end()
})
