import fc from 'fast-check'
import t from 'tap'
import { BadBatch, readRecords, splitBatches } from '../../../../lib/net/kafka/record-batch.ts'
import { recordBatch, testTools } from '../../../support/record-batch.ts'

const value = (text: string) => ({ value: Buffer.from(text) })
const read = (bytes: Buffer, from = 0) => [...readRecords(splitBatches(bytes)[0]!, from, testTools)]
const faultOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof BadBatch) return error.fault
    throw error
  }
  return ''
}

void t.test('records come back as they were written', (tap) => {
  const bytes = fc.uint8Array({ maxLength: 50 }).map((array) => Buffer.from(array))
  const maybe = fc.option(bytes, { nil: undefined })
  const records = fc.array(
    fc.record({
      key: maybe,
      value: maybe,
      headers: fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), bytes), { maxLength: 4 }),
      timestampDelta: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  fc.assert(
    fc.property(records, fc.integer({ min: 0, max: 2 ** 50 }), (written, baseOffset) => {
      const firstTimestamp = 1_767_323_045_000
      const found = read(recordBatch(written, { baseOffset, firstTimestamp }), baseOffset)
      tap.same(
        found.map(({ key, value: body, headers, timestamp, offset }) => [
          key,
          body,
          headers,
          timestamp,
          offset,
        ]),
        written.map(({ key, value: body, headers, timestampDelta }, i) => [
          key,
          body,
          headers,
          firstTimestamp + timestampDelta,
          baseOffset + i,
        ]),
      )
    }),
    { numRuns: 50 },
  )
  tap.end()
})

void t.test('a fetch holds several batches, and the last one may be cut off', (tap) => {
  const first = recordBatch([value('a'), value('b')], { baseOffset: 10 })
  const second = recordBatch([value('c')], { baseOffset: 15, lastOffsetDelta: 4 })
  for (let cut = 1; cut < second.length; cut += 7)
    tap.same(splitBatches(Buffer.concat([first, second.subarray(0, -cut)])).length, 1)
  const batches = splitBatches(Buffer.concat([first, second]))
  tap.same(
    batches.map(({ baseOffset, lastOffset }) => [baseOffset, lastOffset]),
    [
      [10, 11],
      [15, 19],
    ],
    'compaction leaves gaps',
  )
  tap.same(splitBatches(Buffer.alloc(200)), [], 'zeros end')
  tap.end()
})

void t.test('records before the wanted offset, and those of Kafka itself, are left out', (tap) => {
  const bytes = recordBatch([value('a'), value('b'), value('c')], { baseOffset: 7 })
  tap.same(
    read(bytes, 8).map(({ value: body }) => body?.toString()),
    ['b', 'c'],
  )
  tap.same(read(recordBatch([value('commit')], { attributes: 0x20 })), [])
  const [stamped] = read(recordBatch([value('a')], { attributes: 0x08, firstTimestamp: 5, maxTimestamp: 9 }))
  tap.equal(stamped!.timestamp, 9, 'the time at which the broker took it, where the topic wants that')
  tap.end()
})

void t.test('what cannot be read says why, and nothing else is thrown', (tap) => {
  const good = recordBatch([{ ...value('text'), headers: [['name', Buffer.from('value')]] }])
  tap.equal(
    faultOf(() => read(recordBatch([], { magic: 1 }))),
    'unsupported_format',
  )
  tap.equal(
    faultOf(() => [...readRecords(splitBatches(good)[0]!, 0, { ...testTools, crc32c: () => 1 })]),
    'corrupt',
  )
  tap.equal(
    faultOf(() => read(recordBatch([value('a')], { count: 2 }))),
    'corrupt',
  )
  for (let at = 61; at < good.length; at++)
    for (const byte of [0, 0x7f, 0x80, 0xff]) {
      const damaged = Buffer.from(good)
      damaged[at] = byte
      tap.match(
        faultOf(() => read(damaged)),
        /^(corrupt)?$/,
        `byte ${at}`,
      )
    }
  tap.end()
})
