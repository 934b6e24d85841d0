/** Go's quoted literals. */
import fc from 'fast-check'
import t from 'tap'
import { quoteChar, quoteText, unquote, unquoteChar } from '../../../../lib/go/template/quote.ts'

void t.test('what is quoted reads back', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, asciiOnly) => {
      const quoted = quoteText(text, asciiOnly)
      return unquote(quoted) === text && (!asciiOnly || /^[ -~]*$/.test(quoted))
    }),
  )
  t.pass()
})

void t.test('escapes', async (t) => {
  t.equal(quoteText('a"b\\\n\x00\u00a0é😀\u200b'), '"a\\"b\\\\\\n\\x00\\u00a0é😀\\u200b"')
  t.equal(quoteText('é😀', true), '"\\u00e9\\U0001f600"')
  t.equal(quoteChar(39), "'\\''")
  t.equal(quoteChar(-1), "'\ufffd'")
  t.equal(unquote('"\\x41\\101\\u00e9\\U0001F600"'), 'AAé😀')
  t.equal(unquote('"\\xc3\\xa9"'), 'é', 'bytes make a character')
  t.equal(unquote('`a\r\\n`'), 'a\\n')
  for (const bad of ['"\\q"', '"\\x4"', '"\\ud800"', '"\\400"', '"\\\'"'])
    t.equal(unquote(bad), undefined, bad)
})

void t.test('characters', async (t) => {
  t.equal(unquoteChar("'a'"), 97)
  t.equal(unquoteChar("'\\n'"), 10)
  t.equal(unquoteChar("'😀'"), 0x1f600)
  for (const bad of ["''", "'ab'", "'\\\"'", "'\\q'"]) t.equal(unquoteChar(bad), undefined, bad)
})
