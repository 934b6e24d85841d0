import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { marshalSorted } from '../../../../lib/go/json/writer.ts'
import { readJson } from '../../../../lib/go/json/iterator-reader.ts'

const { parse } = JSON.parse(readFileSync('fixtures/go/json.json', 'utf8')) as {
  parse: { text: string; value: string | null }[]
}

void t.test('decides by itself as json-iterator does', async (t) => {
  for (const { text, value } of parse) {
    const found = readJson(text)
    const isObject = typeof found === 'object' && !Array.isArray(found)
    t.equal(isObject ? marshalSorted(found) : null, value, encodeURI(text))
  }
})

void t.test('reads every text that JSON.stringify writes', async () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      (value) => JSON.stringify(readJson(JSON.stringify(value))) === JSON.stringify(value),
    ),
  )
})

void t.test('keys of the object prototype are keys like others', async (t) => {
  const value = readJson('{"__proto__":{"a":1},"toString":2}')
  t.strictSame(Object.keys(value as object), ['__proto__', 'toString'])
  t.equal(Object.getPrototypeOf(value), Object.prototype)
})

void t.test('never throws', async () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '\\',
    'u',
    '0',
    '-',
    '+',
    '.',
    'e',
    'null',
    ' ',
  )
  fc.assert(
    fc.property(fc.string({ unit: pieces }), (text) => [true, false].includes(readJson(text) === undefined)),
  )
})
