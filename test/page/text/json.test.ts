import fc from 'fast-check'
import t from 'tap'
import { jsonFields, objectIn, prettyJson } from '../../../page/text/json.ts'

void t.test('JSON over several rows, every number and string as it was', (tap) => {
  tap.equal(
    prettyJson('{"id":12345678901234567890,"a":[1,{"b":"x: {,}"}],"e":{},"s":"\\u00e9"}'),
    `{
  "id": 12345678901234567890,
  "a": [
    1,
    {
      "b": "x: {,}"
    }
  ],
  "e": {},
  "s": "\\u00e9"
}`,
  )
  for (const line of ['', 'text', '[1]', '{broken}', '{"a":1} rest'])
    tap.equal(prettyJson(line), undefined, line)
  tap.end()
})

void t.test('what is spread is the same JSON', (tap) => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = JSON.stringify(value)
      return JSON.stringify(JSON.parse(prettyJson(text)!)) === JSON.stringify(JSON.parse(text))
    }),
  )
  tap.end()
})

void t.test('fields as | json names them', (tap) => {
  tap.same(jsonFields(objectIn('{"a":{"b-c":1},"list":[1],"none":null,"on":true,"__proto__":{"x":"y"}}')!), [
    ['a_b_c', '1'],
    ['on', 'true'],
    ['__proto___x', 'y'],
  ])
  tap.end()
})
