import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { marshal, marshalSorted, marshalString, parseJson, parseJsonValue } from '../../../lib/go/json.ts'

interface Recorded {
  parse: { text: string; value: string | null }[]
  marshal: { text: string; iterator: string; standard: string }[]
}
const recorded = JSON.parse(readFileSync('fixtures/go/json.json', 'utf8')) as Recorded

void t.test("objects are read as by json-iterator's Unmarshal", async (t) => {
  for (const { text, value } of recorded.parse) {
    const found = parseJson(text)
    t.equal(found === undefined ? null : marshalSorted(found), value, encodeURI(text))
  }
})

void t.test('values are written as by json-iterator and encoding/json', async (t) => {
  for (const { text, iterator, standard } of recorded.marshal) {
    const value: unknown = JSON.parse(text)
    t.equal(marshal(value), iterator)
    t.equal(marshalSorted(value), standard)
  }
})

void t.test('what has no JSON text', async (t) => {
  for (const value of [NaN, Infinity, [1, -Infinity], { a: { b: NaN } }, Symbol('x')]) {
    t.equal(marshal(value), undefined)
    t.equal(marshalSorted(value), undefined)
  }
  t.equal(marshal({ a: undefined, b: 2n ** 63n }), '{"a":null,"b":9223372036854775808}')
  t.equal(marshalString('a\ud800b'), '"a\\ufffdb"')
})

void t.test('keys are sorted by their UTF-8 bytes', async (t) => {
  t.equal(
    marshalSorted({ '\u{1f600}': 1, '\uff5e': 2, b: 3, a: 4 }),
    '{"a":4,"b":3,"\uff5e":2,"\u{1f600}":1}',
  )
})

void t.test('values of any kind', async (t) => {
  t.strictSame(parseJsonValue(' [1, "a"] '), [1, 'a'])
  t.equal(parseJsonValue('"x"'), 'x')
  t.equal(parseJsonValue('1e400'), undefined)
  t.equal(parseJsonValue('[1] 2'), undefined)
})

void t.test('deep nesting is refused, not run into the stack', async (t) => {
  const nested = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
  t.ok(parseJson(nested(900)))
  t.equal(parseJson(nested(1000)), undefined)
  t.equal(parseJson(nested(200_000)), undefined)
})

void t.test('agrees with the runtime on what both write and read', async () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const text = JSON.stringify(object)
      const read = parseJson(text)
      return JSON.stringify(read) === text && JSON.stringify(parseJson(marshal(read) ?? '')) === text
    }),
  )
})
