/** Which streams of a file may have a text: every one that has it, and few others. */
import t from 'tap'
import fc from 'fast-check'
import { StreamGrams, StreamGramsWriter } from '../../../../lib/store/sealed/stream-grams.ts'

/** What an index knows of lines by their streams. */
function gramsOf(streams: readonly (readonly string[])[]): StreamGrams | undefined {
  const writer = new StreamGramsWriter(streams.length)
  for (const [place, lines] of streams.entries())
    for (const line of lines) {
      const bytes = Buffer.from(`before${line}after`)
      writer.add(place, bytes, 6, bytes.length - 5)
    }
  return StreamGrams.of(writer.bytes())
}

void t.test('streams by what their lines contain', (t) => {
  const grams = gramsOf([['GET /cart 200'], ['payment refused'], ['GET /health 503', 'refused'], []])!
  const places = (text: string): number[] | undefined => {
    const found = grams.streamsOf(text)
    return found === undefined ? undefined : [...found].toSorted((a, b) => a - b)
  }
  t.strictSame(places('refused'), [1, 2])
  t.strictSame(places('payment'), [1])
  t.strictSame(places('GET /'), [0, 2])
  t.strictSame(places('zebra'), [])
  t.strictSame(places('GET /health 503 after digits'), [], 'the text behind digits counts too')
  t.equal(places('200'), undefined, 'nothing is known of digits')
  t.equal(places('sed'), undefined, 'and of short texts')
  t.end()
})

void t.test('every line is found by what it contains', (t) => {
  const line = fc.string({
    unit: fc.constantFrom('a', 'b', 'é', '7', ' ', '\u{1f600}', '\ufffd'),
    maxLength: 12,
  })
  fc.assert(
    fc.property(fc.array(fc.array(line, { maxLength: 5 }), { minLength: 1, maxLength: 5 }), (streams) => {
      const grams = gramsOf(streams)!
      for (const [place, lines] of streams.entries())
        for (const each of lines) {
          const letters = [...each]
          const part = letters.slice(1, 1 + letters.length / 2).join('')
          for (const text of [each, part]) if (grams.streamsOf(text)?.has(place) === false) t.fail(text)
        }
    }),
  )
  t.end()
})

void t.test('what takes too much is left out', (t) => {
  const noise = Array.from({ length: 20_000 }, (_, i) =>
    [...(i * 7919).toString(26).padStart(6, '0')]
      .map((each) => String.fromCharCode(97 + parseInt(each, 26)))
      .join(''),
  )
  const reference = '\ufdd00001:12:5000:abc'
  const grams = gramsOf([noise, ['payment'], [reference]])!
  t.strictSame(
    [...grams.streamsOf('refused')!].toSorted((a, b) => a - b),
    [0, 2],
    'random letters, lines that are elsewhere',
  )
  t.equal(gramsOf(Array.from({ length: 1025 }, () => ['payment'])), undefined, 'too many streams')
  t.end()
})
