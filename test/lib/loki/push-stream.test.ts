import fc from 'fast-check'
import t from 'tap'
import { bytesOf, copyEntries, makeRoom, pushStream, releaseStream } from '../../../lib/loki/push-stream.ts'

type Stream = ReturnType<typeof pushStream>

function filled(sizes: readonly number[]): { readonly stream: Stream; readonly expected: Buffer } {
  const stream = pushStream('{}')
  const parts = sizes.map((size, i) => Buffer.alloc(size, i))
  for (const part of parts) {
    const at = makeRoom(stream, part.length)
    part.copy(stream.chunk.bytes, at)
  }
  return { stream, expected: Buffer.concat(parts) }
}

const memoryOf = ({ full, chunk }: Stream): ArrayBufferLike[] =>
  [...full.map((part) => part.chunk), chunk].map(({ bytes }) => bytes.buffer)

void t.test('whatever the sizes of entries, they are copied as they were written', (tap) => {
  const size = fc.oneof(fc.nat(300), fc.nat(5000), fc.nat(40_000))
  fc.assert(
    fc.property(fc.array(fc.array(size, { maxLength: 30 }), { maxLength: 5 }), (streams) => {
      const all = streams.map(filled)
      const same = all.every(({ stream, expected }) => {
        const out = Buffer.alloc(bytesOf(stream) + 1)
        return copyEntries(stream, out, 1) === out.length && out.subarray(1).equals(expected)
      })
      // Later ones are written over what these leave.
      for (const { stream } of all) releaseStream(stream)
      return same
    }),
  )
  tap.end()
})

void t.test('a stream takes the memory of those before it, of any size', (tap) => {
  const before = filled(Array.from({ length: 3000 }, () => 100)).stream
  const memory = new Set(memoryOf(before))
  tap.ok(memory.size > 15)
  releaseStream(before)
  const small = filled([3000]).stream
  const large = filled(Array.from({ length: 2000 }, () => 100)).stream
  for (const each of [...memoryOf(small), ...memoryOf(large)]) tap.ok(memory.has(each))
  tap.end()
})

void t.test('a stream of a few entries takes few bytes', (tap) => {
  const { stream } = filled([100])
  tap.ok(stream.chunk.bytes.length <= 256)
  tap.end()
})
