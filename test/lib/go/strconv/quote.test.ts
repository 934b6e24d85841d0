import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import {
  quote,
  quoteChar,
  quoteToAscii,
  unescape,
  unquote,
  unquoteChar,
} from '../../../../lib/go/strconv/quote.ts'
import { fromBytes, toBytes } from '../../../../lib/go/strings/bytes.ts'
import { anyText } from '../../../support/any-text.ts'

interface Recorded {
  quote: { text: string; quoted: string }[]
  unquote: { quoted: string; text: string | null }[]
  /** Bytes are hexadecimal. */
  bytes: { bytes: string; quoted: string; ascii: string }[]
  unquoteBytes: { quoted: string; bytes: string | null }[]
}
const recorded = JSON.parse(readFileSync('fixtures/go/strconv/quote.json', 'utf8')) as Recorded

void t.test('quotes and unquotes as the recorded Go program does', async (t) => {
  for (const { text, quoted } of recorded.quote) t.equal(quote(text), quoted)
  for (const { text, quoted } of recorded.unquote) t.equal(unquote(quoted), text ?? undefined, quoted)
})

void t.test('bytes that are not UTF-8 are kept, both ways', async (t) => {
  for (const { bytes, quoted, ascii } of recorded.bytes) {
    const text = fromBytes(Buffer.from(bytes, 'hex'))
    t.equal(quote(text), quoted)
    t.equal(quoteToAscii(text), ascii)
  }
  for (const { quoted, bytes } of recorded.unquoteBytes) {
    const text = unquote(quoted)
    t.equal(text === undefined ? null : Buffer.from(toBytes(text)).toString('hex'), bytes, quoted)
  }
})

void t.test('reads back what it writes', async () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      const ascii = quoteToAscii(text)
      return unquote(quote(text)) === text && unquote(ascii) === text && /^[ -~]*$/.test(ascii)
    }),
  )
})

void t.test('half a surrogate pair becomes the replacement character', async (t) => {
  t.equal(quote('a\ud800b'), '"a\ufffdb"')
})

void t.test('characters', async (t) => {
  t.equal(quoteChar(39), "'\\''")
  t.equal(quoteChar(-1), "'\ufffd'")
  t.equal(quoteChar(0xe9, true), "'\\u00e9'")
  t.equal(unquoteChar("'a'"), 97)
  t.equal(unquoteChar("'\\n'"), 10)
  t.equal(unquoteChar("'😀'"), 0x1f600)
  for (const bad of ["''", "'ab'", "'\\\"'", "'\\q'"]) t.equal(unquoteChar(bad), undefined, bad)
})

void t.test('the inside of quotes', async (t) => {
  t.equal(unescape('a\\x62"', "'"), 'ab"')
  t.equal(unescape("a'", "'"), undefined)
})

void t.test('never throws', async () => {
  const pieces = fc.constantFrom('"', "'", '`', '\\', 'x', 'u', 'U', '0', '7', 'f', '\n', 'é')
  const text = fc.string({ unit: pieces })
  fc.assert(fc.property(text, (quoted) => ['string', 'undefined'].includes(typeof unquote(quoted))))
})
