/** Chunks of GELF: any order, twice, late, wrong, and more than fit. */
import fc from 'fast-check'
import t from 'tap'
import { isChunk, Reassembly } from '../../../../lib/components/loki.source.gelf/reassembly.ts'
import { chunk, chunksOf } from './chunks.ts'

function bench(): {
  add: (bytes: Buffer, now?: number, ip?: string) => Buffer | undefined
  faults: string[]
  it: Reassembly
} {
  const faults: string[] = []
  const it = new Reassembly((fault, ip) => faults.push(`${fault} ${ip}`))
  return { it, faults, add: (bytes, now = 0, ip = 'a') => it.add(bytes, ip, now) }
}

void t.test('in any order, with repeats, mixed with others', (tap) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.integer({ min: 3, max: 300 }),
      fc.infiniteStream(fc.nat()),
      (content, size, picks) => {
        const { add, faults } = bench()
        const message = Buffer.from(content)
        const chunks = [...chunksOf('one', message, size), ...chunksOf('two', message, size)]
        // Each but the last may come twice; after it the message is complete.
        const order = chunks.map((bytes) => ({ bytes, at: picks.next().value! })).sort((a, b) => a.at - b.at)
        const whole = order.flatMap(({ bytes }) => [add(bytes)]).filter((each) => each !== undefined)
        return whole.length === 2 && whole.every((each) => each.equals(message)) && faults.length === 0
      },
    ),
    { numRuns: 50 },
  )
  const { add } = bench()
  const [first, second] = chunksOf('x', Buffer.from('ab'), 1) as [Buffer, Buffer]
  tap.equal(add(first), undefined)
  tap.equal(add(first), undefined)
  tap.equal(add(second)?.toString(), 'ab')
  tap.ok(isChunk(first))
  tap.end()
})

void t.test('ids of different senders are different messages', (tap) => {
  const { add, it, faults } = bench()
  const [first, second] = chunksOf('x', Buffer.from('ab'), 1) as [Buffer, Buffer]
  add(first, 0, 'a')
  tap.equal(add(second, 0, 'b'), undefined)
  it.end()
  tap.strictSame(faults, ['incomplete a', 'incomplete b'])
  tap.end()
})

void t.test('what is not complete within 5 s is given up', (tap) => {
  const { add, it, faults } = bench()
  const [first, second] = chunksOf('x', Buffer.from('ab'), 1) as [Buffer, Buffer]
  tap.equal(it.dueAt, undefined)
  add(first, 1000)
  tap.equal(it.dueAt, 6000)
  it.expire(5999)
  tap.strictSame(faults, [])
  tap.equal(add(second, 6000), undefined)
  tap.strictSame(faults, ['incomplete a'])
  tap.end()
})

void t.test('chunks that cannot be', (tap) => {
  const { add, faults } = bench()
  const data = Buffer.from('x')
  for (const bad of [
    chunk('a', 0, 1, Buffer.alloc(0)),
    chunk('a', 1, 1, data),
    chunk('a', 0, 0, data),
    chunk('a', 0, 129, data),
    Buffer.from([0x1e, 0x0f]),
  ])
    tap.equal(add(bad), undefined)
  add(chunk('b', 0, 2, data))
  tap.equal(add(chunk('b', 1, 3, data)), undefined, 'another count')
  tap.strictSame(
    faults,
    Array.from({ length: 6 }, () => 'bad_chunk a'),
  )
  tap.equal(add(chunk('b', 1, 2, data))?.toString(), 'xx', 'the message is still whole')
  tap.end()
})

void t.test('memory is bounded: the oldest messages are given up', (tap) => {
  const { add, faults } = bench()
  const data = Buffer.alloc(60_000)
  for (let i = 0; i < 400; i++) add(chunk(String(i), 0, 2, data))
  tap.ok(faults.length > 100 && faults.length < 140, `${faults.length} of 400 given up for 16 MiB`)
  tap.equal(faults[0], 'no_room a')
  tap.equal(add(chunk('399', 1, 2, data))?.length, 120_000, 'the newest is still there')
  for (let i = 0; i < 40_000; i++) add(chunk(String(i), 0, 128, Buffer.from('x')))
  tap.ok(faults.length > 20_000, 'small ones count with what they cost')
  tap.end()
})
