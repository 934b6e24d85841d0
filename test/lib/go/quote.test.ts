import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { quote, unquote } from '../../../lib/go/quote.ts'

interface Recorded {
  quote: { text: string; quoted: string }[]
  unquote: { quoted: string; text: string | null }[]
}
const recorded = JSON.parse(readFileSync('fixtures/go/quote.json', 'utf8')) as Recorded

void t.test('quotes and unquotes as the recorded Go program does', async (t) => {
  for (const { text, quoted } of recorded.quote) t.equal(quote(text), quoted)
  for (const { text, quoted } of recorded.unquote) t.equal(unquote(quoted), text ?? undefined, quoted)
})

void t.test('reads back what it writes', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => unquote(quote(text)) === text))
})

void t.test('half a surrogate pair becomes the replacement character', async (t) => {
  t.equal(quote('a\ud800b'), '"a\ufffdb"')
})

void t.test('never throws', async () => {
  const pieces = fc.constantFrom('"', "'", '`', '\\', 'x', 'u', 'U', '0', '7', 'f', '\n', 'é')
  const text = fc.string({ unit: pieces })
  fc.assert(fc.property(text, (quoted) => ['string', 'undefined'].includes(typeof unquote(quoted))))
})
