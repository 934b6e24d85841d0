/** Push requests by hand: unknown fields, broken bytes, times before 1970. (The encoder's tests read all else back.) */
import fc from 'fast-check'
import t from 'tap'
import { decodePush } from '../../../lib/loki/decode.ts'

const bytes = (...parts: readonly (number | string | Buffer)[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part as string))),
  )

/** A field whose content has a length. */
const field = (tag: number, ...parts: readonly (number | string | Buffer)[]): Buffer => {
  const content = bytes(...parts)
  return bytes(tag, content.length, content)
}

void t.test('streams, entries, metadata; unknown fields are skipped', (tap) => {
  const time = field(0x0a, 0x08, 0x85, 0x01, 0x10, 0x07, 0x18, 0x01)
  const pair = field(0x1a, field(0x0a, 'k'), field(0x12, 'v'), field(0x1a, 'new'))
  const entry = field(0x12, time, field(0x12, 'lïne'), pair, field(0x22, 'parsed'), 0x45, 'four')
  const stream = field(0x0a, field(0x0a, '{a="b"}'), entry, 0x18, 0x05, field(0x12))
  const unknown = [0x10, 0x01, 0x19, 'eightbyt', 0x1d, 'four', field(0x22, 'x')] as const
  tap.same(decodePush(bytes(...unknown, stream)), {
    ok: true,
    streams: [
      {
        labels: '{a="b"}',
        entries: [
          { seconds: 133, nanos: 7, line: 'lïne', structuredMetadata: [['k', 'v']] },
          { seconds: 0, nanos: 0, line: '', structuredMetadata: [] },
        ],
      },
    ],
  })
  tap.same(decodePush(Buffer.alloc(0)), { ok: true, streams: [] })
  tap.end()
})

void t.test('a time before 1970 is negative', (tap) => {
  const minusTwo = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
  const decoded = decodePush(field(0x0a, field(0x12, field(0x0a, 0x08, ...minusTwo))))
  tap.match(decoded, { ok: true, streams: [{ entries: [{ seconds: -2 }] }] })
  tap.end()
})

void t.test('bytes that are not a push request', (tap) => {
  const cases: [Buffer, RegExp][] = [
    [bytes(0x0a), /expected the rest of a number/],
    [bytes(0x0a, 0x05, 'abc'), /expected 5 bytes, found the end after 3/],
    [bytes(0x0a, 0x02, 0x0a, 0x05, 'abcdef'), /expected 5 bytes, found the end after 0/],
    [bytes(...Array.from({ length: 11 }, () => 0xff)), /at most ten bytes/],
    [bytes(0x0b), /wire type 0, 1, 2 or 5, found 3/],
    [bytes(0x19, 'four'), /expected 8 bytes, found the end/],
    [bytes(0x1d, 'two'), /expected 4 bytes, found the end/],
  ]
  for (const [given, error] of cases) tap.match(decodePush(given), { ok: false, error }, String(error))
  tap.end()
})

void t.test('no bytes throw', (tap) => {
  const tags = fc.constantFrom(0x0a, 0x12, 0x1a, 0x08, 0x10, 0x02, 0x03, 0xff)
  fc.assert(
    fc.property(fc.array(fc.oneof(tags, fc.nat(255)), { maxLength: 30 }), (given) => {
      const decoded = decodePush(Buffer.from(given))
      return decoded.ok ? decoded.streams.length <= given.length : decoded.error !== ''
    }),
  )
  tap.pass()
  tap.end()
})
