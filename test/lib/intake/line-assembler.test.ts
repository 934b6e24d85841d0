import fc from 'fast-check'
import t from 'tap'
import { encodingNamed, UTF8, type TextEncoding } from '../../../lib/intake/encoding.ts'
import { LineAssembler } from '../../../lib/intake/line-assembler.ts'
import { MAX_LINE_BYTES } from '../../../lib/intake/line-limit.ts'
import { cutLines } from '../../../lib/intake/lines.ts'

function assemble(chunks: readonly Buffer[], encoding: TextEncoding, limit = MAX_LINE_BYTES): string[] {
  const assembler = new LineAssembler(encoding, limit)
  const lines: string[] = []
  for (const chunk of chunks) for (const segment of assembler.push(chunk)) cutLines(segment, lines)
  for (const segment of assembler.end()) cutLines(segment, lines)
  return lines
}

function chunked(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

void t.test('lines do not depend on where chunks end', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r', 'é', '😀', '਀'), maxLength: 60 })
  for (const [name, encode] of [
    ['', (text: string) => Buffer.from(text)],
    ['utf-16le', (text: string) => Buffer.from(text, 'utf16le')],
    ['utf-16be', (text: string) => Buffer.from(text, 'utf16le').swap16()],
  ] as const) {
    const encoding = encodingNamed(name)
    fc.assert(
      fc.property(text, fc.array(fc.nat(200), { maxLength: 10 }), (text, cuts) => {
        const bytes = encode(text)
        const whole = assemble([bytes], encoding)
        return JSON.stringify(assemble(chunked(bytes, cuts), encoding)) === JSON.stringify(whole)
      }),
    )
  }
})

void t.test('a line without an end is given in parts, and nothing of it is lost', async (t) => {
  const text = `${'é'.repeat(50)}\nnext\n`
  const chunks = chunked(Buffer.from(text), [7, 14, 21, 28, 35, 42, 49, 56, 63, 70])
  const lines = assemble(chunks, UTF8, 20)
  t.ok(lines.length > 3)
  t.equal(lines.join(''), `${'é'.repeat(50)}next`)
  t.equal(lines.at(-1), 'next')
})

void t.test('a part takes no more than the limit once it is text', (t) => {
  const parts = (bytes: Buffer, encoding: TextEncoding): string[] => assemble([bytes], encoding, 30)
  const invalid = parts(Buffer.alloc(100, 0xff), UTF8)
  t.equal(invalid.length, 9)
  t.ok(
    invalid.slice(0, -1).every((part) => Buffer.byteLength(part) === 30),
    'the rest of a line is cut later',
  )
  const latin = parts(Buffer.from('é'.repeat(60), 'latin1'), encodingNamed('latin1'))
  t.equal(latin.join(''), 'é'.repeat(60))
  t.ok(latin.every((part) => Buffer.byteLength(part) <= 30))
  t.end()
})

void t.test('numbers go on where an earlier life has stopped', (t) => {
  const assembler = new LineAssembler(UTF8, 4, 2)
  const parts = assembler.push(Buffer.from('abcdef\ngh\n'))
  t.match(parts, [{ part: 3 }])
  t.match(new LineAssembler(UTF8, 4, 2).push(Buffer.from('abcdef')), [{ part: 3, unfinished: true }])
  t.end()
})

void t.test('parts are numbered, and the rest of a cut line is its last part', async (t) => {
  const assembler = new LineAssembler(UTF8, 4)
  const shown = (chunk: string): [text: string, part: number][] =>
    assembler
      .push(Buffer.from(chunk))
      .map(({ bytes, start, end, part }) => [bytes.toString('utf8', start, end), part ?? 0])
  t.strictSame(shown('abcdefghi'), [
    ['abcd', 1],
    ['efgh', 2],
  ])
  t.strictSame(shown('j\nk\n'), [['ij\nk\n', 3]])
  t.strictSame(shown('lm\n'), [['lm\n', 0]])
  t.strictSame(shown('n'), [])
  t.strictSame(
    assembler.end().map(({ bytes, part }) => [bytes.toString(), part]),
    [['n', 0]],
  )
})
