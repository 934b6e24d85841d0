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
        const to = { bytes: out, view: new DataView(out.buffer, out.byteOffset, out.length) }
        return copyEntries(stream, to, 1) === out.length && out.subarray(1).equals(expected)
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

void t.test('streams of a few entries take few bytes, which all of them give back', (tap) => {
  const before = Array.from({ length: 300 }, () => filled([100]).stream)
  const memory = new Set(before.flatMap(memoryOf))
  tap.ok(memory.size <= 3, `${memory.size} chunks`)
  for (const stream of before) releaseStream(stream)
  const after = Array.from({ length: 300 }, () => filled([100]).stream)
  for (const each of after.flatMap(memoryOf)) tap.ok(memory.has(each))
  tap.end()
})

void t.test(
  'streams that take turns keep their own bytes, also those that give up a part of a shared chunk',
  (tap) => {
    let written = 0
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(600), fc.boolean()), { maxLength: 200 }), (steps) => {
        const streams = Array.from({ length: 6 }, () => filled([]))
        const parts = streams.map((): Buffer[] => [])
        for (const [which, size, gone] of steps) {
          if (gone) {
            releaseStream(streams[which]!.stream)
            streams[which] = filled([])
            parts[which] = []
          }
          const part = Buffer.alloc(size, ++written % 251)
          const { stream } = streams[which]!
          const at = makeRoom(stream, size)
          part.copy(stream.chunk.bytes, at)
          parts[which]!.push(part)
        }
        return streams.every(({ stream }, i) => {
          const out = Buffer.alloc(bytesOf(stream))
          copyEntries(stream, { bytes: out, view: new DataView(out.buffer, out.byteOffset, out.length) }, 0)
          return out.equals(Buffer.concat(parts[i]!))
        })
      }),
    )
    tap.end()
  },
)
