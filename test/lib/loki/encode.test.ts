/** The hand-written encoder writes the bytes that pbf writes, for entries and for rows, and the decoder reads them back. */
import fc from 'fast-check'
import { PbfWriter } from 'pbf'
import t from 'tap'
import { NO_ACK } from '../../../lib/flow/ack.ts'
import { Columns } from '../../../lib/flow/columns.ts'
import { EMPTY_LABELS } from '../../../lib/flow/labels.ts'
import { decodePush } from '../../../lib/loki/decode.ts'
import { shapeOf } from '../../../lib/flow/extracted.ts'
import { cellBytes } from '../../../lib/loki/encode-cells.ts'
import { addRowToStream } from '../../../lib/loki/encode-row.ts'
import { addToStream, metadataBytes, PushEncoder, type PushEntry } from '../../../lib/loki/encode.ts'
import { pushStream, type PushStream } from '../../../lib/loki/push-stream.ts'

const streamOf = (labels: string, entries: readonly PushEntry[]): PushStream => {
  const stream = pushStream(labels)
  for (const entry of entries) addToStream(stream, entry, Buffer.byteLength(entry.line))
  return stream
}

interface Request {
  readonly labels: string
  readonly entries: readonly PushEntry[]
}

const streamsOf = (requests: readonly Request[]): PushStream[] =>
  requests.map(({ labels, entries: of }) => streamOf(labels, of))

// The same message by pbf, which writes every field it is told to: zero values must be left out by hand.
function byPbf(streams: readonly Request[]): Buffer {
  const text = (value: string, writer: PbfWriter, field: number): void => {
    // pbf 5.1.2 garbles characters from U+20000 on, so texts go to it as bytes.
    if (value !== '') writer.writeBytesField(field, Buffer.from(value))
  }
  const pbf = new PbfWriter()
  for (const stream of streams)
    pbf.writeMessage(
      1,
      (of: Request, writer) => {
        text(of.labels, writer, 1)
        for (const entry of of.entries) writer.writeMessage(2, writeEntry, entry)
      },
      stream,
    )
  return Buffer.from(pbf.finish())

  function writeEntry(entry: PushEntry, writer: PbfWriter): void {
    writer.writeMessage(
      1,
      (of: PushEntry, time: PbfWriter) => {
        if (of.seconds !== 0) time.writeVarintField(1, of.seconds)
        if (of.nanos !== 0) time.writeVarintField(2, of.nanos)
      },
      entry,
    )
    text(entry.line, writer, 2)
    for (const pair of entry.structuredMetadata)
      writer.writeMessage(
        3,
        ([name, value]: readonly [string, string], of: PbfWriter) => {
          text(name, of, 1)
          text(value, of, 2)
        },
        pair,
      )
  }
}

const words = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ minLength: 120, maxLength: 300 }),
)
const entries: fc.Arbitrary<PushEntry> = fc.record({
  seconds: fc.oneof(
    fc.constantFrom(0, -1, 127, 128, 2 ** 31, 2 ** 35 - 1, 2 ** 35, -62_135_596_800, 253_402_300_799),
    fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }),
  ),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
  line: words,
  structuredMetadata: fc.array(fc.tuple(words, words), { maxLength: 3 }),
})
/** As nearly all are: of this century, many of one second, without metadata. */
const usual: fc.Arbitrary<PushEntry> = fc.record({
  seconds: fc.constantFrom(1_767_225_600, 1_767_225_601, 2 ** 28 - 1, 2 ** 28),
  nanos: fc.nat(999_999_999),
  line: words,
  structuredMetadata: fc.constant([]),
})
const requests = fc.array(fc.record({ labels: words, entries: fc.array(entries, { maxLength: 5 }) }), {
  maxLength: 4,
})

void t.test('equals pbf byte for byte', (t) => {
  const encoder = new PushEncoder()
  t.doesNotThrow(() =>
    fc.assert(fc.property(requests, (streams) => encoder.encode(streamsOf(streams)).equals(byPbf(streams)))),
  )
  t.end()
})

// The lines one after the other in a buffer, as a source hands them over.
function columnsOf(entries: readonly PushEntry[]): Columns {
  const lines = entries.map(({ line }) => Buffer.from(line))
  const ends = Int32Array.from(lines, (_, i) =>
    lines.slice(0, i + 1).reduce((sum, { length }) => sum + length, 0),
  )
  return new Columns({
    size: entries.length,
    bytes: Buffer.concat(lines),
    ascii: false,
    starts: ends.map((end, i) => end - lines[i]!.length),
    ends,
    seconds: Float64Array.from(entries, ({ seconds }) => seconds),
    nanos: Int32Array.from(entries, ({ nanos }) => nanos),
    sets: [EMPTY_LABELS],
    set: new Int32Array(entries.length),
    metadata: entries.map(({ structuredMetadata: pairs }) => (pairs.length === 0 ? undefined : pairs)),
    ack: NO_ACK,
  })
}

void t.test('rows are written as their entries are', (t) => {
  const encoder = new PushEncoder()
  fc.assert(
    fc.property(fc.array(fc.oneof(entries, usual), { maxLength: 20 }), (rows) => {
      const stream = pushStream('{}')
      const columns = columnsOf(rows)
      for (let row = 0; row < rows.length; row++)
        addRowToStream(stream, columns, row, columns.ends[row]! - columns.starts[row]!)
      return encoder.encode([stream]).equals(byPbf([{ labels: '{}', entries: rows }]))
    }),
    { numRuns: 150 },
  )
  t.end()
})

void t.test('structured metadata in the bytes is written as that of entries is', (t) => {
  const encoder = new PushEncoder()
  const value = fc.option(fc.string({ unit: 'grapheme', maxLength: 40 }), { nil: undefined })
  const sample = fc.array(fc.tuple(usual, value, value), { maxLength: 8 })
  const names = ['trace_id', 'é'.repeat(70)]
  fc.assert(
    fc.property(sample, (rows) => {
      const stream = pushStream('{}')
      const columns = columnsOf(rows.map(([entry]) => entry))
      const cells = (columns.metadataCells = columns.newCells(shapeOf(names)))
      const expected = rows.map(([entry, ...values], row) => {
        const pairs: [string, string][] = []
        for (const [place, text] of values.entries()) {
          const from = columns.end
          if (text === undefined) cells.set(row, place, undefined)
          else cells.setSpan(row, place, from, columns.appendText(text))
          if (text !== undefined) pairs.push([names[place]!, text])
        }
        cells.filled[row] = pairs.length === 0 ? 0 : 1
        return { ...entry, structuredMetadata: pairs }
      })
      for (const [row, entry] of expected.entries()) {
        addRowToStream(stream, columns, row, columns.ends[row]! - columns.starts[row]!)
        const bytes = entry.structuredMetadata.length === 0 ? 0 : cellBytes(cells, row)
        if (bytes !== metadataBytes(entry.structuredMetadata)) return false
      }
      return encoder.encode([stream]).equals(byPbf([{ labels: '{}', entries: expected }]))
    }),
    { numRuns: 200 },
  )
  t.end()
})

void t.test('what was encoded is decoded', (t) => {
  const encoder = new PushEncoder()
  fc.assert(
    fc.property(requests, (streams) => {
      const decoded = decodePush(encoder.encode(streamsOf(streams)))
      t.same(decoded, {
        ok: true,
        streams: streams.map(({ labels, entries: of }) => ({ labels, entries: of })),
      })
    }),
    { numRuns: 50 },
  )
  t.end()
})

void t.test('grows beyond its first buffer', (t) => {
  const line = 'ä'.repeat(3_000_000)
  const [stream] = [streamOf('{a="b"}', [{ seconds: 1, nanos: 2, line, structuredMetadata: [] }])]
  const decoded = decodePush(new PushEncoder().encode([stream]))
  t.equal(decoded.ok && decoded.streams[0]?.entries[0]?.line, line)
  t.end()
})

void t.test('bytes that are not a push request give a message', (t) => {
  const good = new PushEncoder().encode([
    streamOf('{a="b"}', [{ seconds: -5, nanos: 1, line: 'x', structuredMetadata: [['k', 'v']] }]),
  ])
  for (let length = 1; length < good.length; length++) {
    const decoded = decodePush(good.subarray(0, length))
    t.equal(decoded.ok, false, `cut after ${length} bytes`)
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const decoded = decodePush(Buffer.from(bytes))
      return decoded.ok || decoded.error.length > 0
    }),
  )
  t.end()
})

void t.test('unknown fields are skipped', (t) => {
  const request = Buffer.from([
    0x12, 2, 0x68, 0x69, 0x0a, 5, 0x0a, 1, 0x78, 0x18, 7, 0x21, 1, 2, 3, 4, 5, 6, 7, 8,
  ])
  t.same(decodePush(request), { ok: true, streams: [{ labels: 'x', entries: [] }] })
  t.end()
})

void t.test('metadata counts the bytes of names and values', (t) => {
  t.equal(
    metadataBytes([
      ['ä', 'bc'],
      ['d', ''],
    ]),
    5,
  )
  t.end()
})
