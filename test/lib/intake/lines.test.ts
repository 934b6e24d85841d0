import fc from 'fast-check'
import t from 'tap'
import { encodingNamed, UTF8 } from '../../../lib/intake/encoding.ts'
import {
  cutLines,
  firstLineEnd,
  lastLineEnd,
  partEnd,
  SEGMENT_BYTES,
  segmentEnd,
} from '../../../lib/intake/lines.ts'

function cut(text: string | Buffer, encoding = UTF8): { lines: string[]; invalid: number } {
  const bytes = Buffer.from(text as string)
  const lines: string[] = []
  return { lines, invalid: cutLines({ bytes, start: 0, end: bytes.length, encoding }, lines) }
}

void t.test(
  'LF and CRLF end lines; empty ones count; one CR goes; the rest without LF is a line',
  async (t) => {
    t.strictSame(cut('a\n\r\n\nb\r\r\nc\rd\nlast\r').lines, ['a', '', '', 'b\r', 'c\rd', 'last\r'])
    t.strictSame(cut('é\n\r\n\nb\r\r\nc\rd\nlast\r').lines, ['é', '', '', 'b\r', 'c\rd', 'last\r'])
    t.strictSame(cut('').lines, [])
    t.strictSame(cut('\n').lines, [''])
    t.strictSame(cut('a\0b\n').lines, ['a\0b'])
  },
)

void t.test('invalid UTF-8 becomes U+FFFD and is counted, by line', async (t) => {
  const { lines, invalid } = cut(Buffer.from('fine\n\xe2\x82\nok é\n\xff\xfe\r\n\xf0\x9f', 'latin1'))
  // The é is Latin-1 here, so no UTF-8 either.
  t.strictSame(lines, ['fine', '�', 'ok �', '��', '�'])
  t.equal(invalid, 4)
})

void t.test('all ways to decode agree', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r', 'é', '😀', '\0'), maxLength: 40 })
  fc.assert(
    fc.property(text, (text) => {
      const expected = text
        .split('\n')
        .map((line, i, all) => (i < all.length - 1 ? line.replace(/\r$/, '') : line))
      if (expected.at(-1) === '') expected.pop()
      const got = [
        cut(text).lines,
        // An invalid line in front forces the slow way.
        cut(Buffer.concat([Buffer.from([0xff, 0x0a]), Buffer.from(text)])).lines.slice(1),
        cut(Buffer.from(text, 'utf16le'), encodingNamed('utf-16le')).lines,
        cut(Buffer.from(text, 'utf16le').swap16(), encodingNamed('UTF-16BE')).lines,
      ]
      return got.every((lines) => JSON.stringify(lines) === JSON.stringify(expected))
    }),
  )
})

void t.test('segments cover everything, end at line ends, are small unless a line is long', async () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 12 })
  fc.assert(
    fc.property(lengths, (lengths) => {
      const bytes = Buffer.from(lengths.map((length) => `${'x'.repeat(length)}\n`).join(''))
      for (let start = 0; start < bytes.length;) {
        const end = segmentEnd(bytes, start, bytes.length, UTF8)
        const oneLine = firstLineEnd(bytes, start, bytes.length, UTF8) === end
        if (end <= start || bytes[end - 1] !== 0x0a || (end - start > SEGMENT_BYTES && !oneLine)) return false
        start = end
      }
      return true
    }),
    { numRuns: 50 },
  )
})

void t.test('line ends of wide encodings are found at whole units only', async (t) => {
  const wide = encodingNamed('utf-16le')
  // U+0A00, a Gurmukhi code point, then U+000A.
  const bytes = Buffer.from('਀\nx', 'utf16le')
  t.equal(firstLineEnd(bytes, 0, bytes.length, wide), 4)
  t.equal(lastLineEnd(bytes, 0, bytes.length, wide), 4)
  t.equal(lastLineEnd(bytes, 4, bytes.length, wide), 4)
  t.equal(lastLineEnd(Buffer.from('abc'), 0, 3, UTF8), 0)
  t.equal(lastLineEnd(Buffer.from('a\nbc'), 2, 4, UTF8), 2, 'only after the start')
})

void t.test('a line that is too long is not cut inside of a character', async (t) => {
  const bytes = Buffer.from('aé😀')
  t.equal(partEnd(bytes, 0, 2, UTF8), 1)
  t.equal(partEnd(bytes, 0, 5, UTF8), 3)
  t.equal(partEnd(bytes, 0, 7, UTF8), 7)
  t.equal(partEnd(Buffer.alloc(9), 0, 7, encodingNamed('utf-32le')), 4)
})
