import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { marshal, marshalSorted } from '../../../../lib/go/json/writer.ts'
import { parseJson, parseJsonValue } from '../../../../lib/go/json/parse.ts'

interface Recorded {
  parse: { text: string; value: string | null }[]
}
const recorded = JSON.parse(readFileSync('fixtures/go/json.json', 'utf8')) as Recorded

void t.test("objects are read as by json-iterator's Unmarshal", async (t) => {
  for (const { text, value } of recorded.parse) {
    const found = parseJson(text)
    t.equal(found === undefined ? null : marshalSorted(found), value, encodeURI(text))
  }
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
