/** Snappy with and without native code. */
import fc from 'fast-check'
import t from 'tap'
import { loadSnappy, snappy } from '../../../lib/loki/snappy.ts'

const plain = loadSnappy(() => {
  throw new Error('Cannot find native binding')
})
const hello = Buffer.from('hello hello hello hello')
t.ok(snappy.compress(hello).length < hello.length)
t.same(plain.uncompress(snappy.compress(hello)), hello)
for (const each of [snappy, plain])
  t.throws(() => each.uncompress(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])))
fc.assert(
  fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
    const buffer = Buffer.from(bytes)
    return (
      snappy.uncompress(plain.compress(buffer)).equals(buffer) &&
      plain.uncompress(snappy.compress(buffer)).equals(buffer)
    )
  }),
)
