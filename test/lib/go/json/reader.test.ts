import t from 'tap'
import fc from 'fast-check'
import { JsonError, readJson, type JsonBuilder } from '../../../../lib/go/json/reader.ts'

const plain: JsonBuilder<unknown> = {
  word: (value) => value,
  string: (value) => value,
  number: Number,
  list: (items) => items,
  object: (fields) => Object.fromEntries(fields),
}

const read = (text: string): unknown => readJson(text, plain)

void t.test('it takes what JSON.parse takes, and nothing else', async (t) => {
  fc.assert(fc.property(fc.json(), (text) => void t.strictSame(read(text), JSON.parse(text))))
  const near = fc.string({ unit: fc.constantFrom(...'[]{}:,"\\ \n-+.eE01utrfalsn') })
  fc.assert(
    fc.property(near, (text) => {
      let wanted: unknown = JsonError
      try {
        wanted = JSON.parse(text)
      } catch {}
      if (wanted === JsonError) t.throws(() => read(text), JsonError, text)
      else t.strictSame(read(text), wanted, text)
    }),
    { numRuns: 300 },
  )
})

void t.test('what is wrong, and where', async (t) => {
  const cases: [string, RegExp][] = [
    ['', /offset 0: expected a value, found the end of the text/],
    ['{a}', /offset 1: expected a key in double quotes, found "a"/],
    ['{"a" 1}', /offset 5: expected ":", found "1"/],
    ['[1 2]', /offset 3: expected "," or "\]", found "2"/],
    ['{"a":1 🚀', /offset 7: expected "," or "}", found "🚀"/],
    ['1 2', /offset 2: expected the end of the JSON text/],
    ['"a', /offset 2: expected the end of a string, found the end/],
    ['"a\nb"', /offset 2: expected the end of a string, found "\\n"/],
    ['"\\x"', /bad escape/],
    ['['.repeat(100_000), /nested deeper than 1000 levels/],
  ]
  for (const [text, message] of cases) t.throws(() => read(text), { message }, text.slice(0, 20))
  t.equal(read('"\\ud800"'), '\ufffd')
  t.strictSame(read('{"a":1,"a":2}'), { a: 2 })
  t.strictSame(readJson('1.50', { ...plain, number: (raw) => raw }), '1.50', 'numbers as they are written')
})
