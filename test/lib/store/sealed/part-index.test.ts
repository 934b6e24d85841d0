/** The index of a sealed file: what was written is read, anything else is refused. */
import t from 'tap'
import { decodeIndex, encodeIndex } from '../../../../lib/store/sealed/part-index.ts'

const streams = [
  { id: 3, oldest: -5n, newest: 2n ** 62n, rows: 7, bytes: 2 ** 40 },
  { id: 9, oldest: 0n, newest: 0n, rows: 1, bytes: 0 },
]

const counts = Uint8Array.of(1, 2, 3)

void t.test('a round trip', (t) => {
  const filter = Uint8Array.from({ length: 131_072 }, (_, i) => (i % 97 === 0 ? 4 : 0))
  const written = encodeIndex({ streams, filter, counts })
  t.ok(written.length < 8192, 'few bits take little')
  const read = decodeIndex(written)
  t.same(read.streams, streams)
  t.ok(Buffer.from(filter).equals(read.filter))
  t.same([...read.counts], [...counts])
  t.equal(
    decodeIndex(encodeIndex({ streams: [], filter: new Uint8Array(), counts: new Uint8Array() })).filter
      .length,
    0,
  )
  t.end()
})

void t.test('changed bytes', (t) => {
  const written = encodeIndex({ streams, filter: new Uint8Array(), counts })
  written[30]! ^= 1
  t.throws(() => decodeIndex(written), /not what was written/)
  t.throws(() => decodeIndex(Buffer.from('LSX')), /not an index/)
  t.end()
})
