import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { fromBytes } from '../../../../lib/go/strings/bytes.ts'
import { jsonNumber, jsonString, marshal, marshalSorted } from '../../../../lib/go/json/writer.ts'
import { anyText } from '../../../support/any-text.ts'

interface Recorded {
  marshal: { text: string; iterator: string; standard: string }[]
  string: { bytes: string; iterator: string; standard: string; withoutHtml: string }[]
}
const recorded = JSON.parse(readFileSync('fixtures/go/json.json', 'utf8')) as Recorded

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
})

void t.test('keys are sorted by their UTF-8 bytes', async (t) => {
  t.equal(
    marshalSorted({ '\u{1f600}': 1, '\uff5e': 2, b: 3, a: 4 }),
    '{"a":4,"b":3,"\uff5e":2,"\u{1f600}":1}',
  )
})

void t.test('strings are escaped as by Go, bytes that are not UTF-8 too', async (t) => {
  for (const { bytes, iterator, standard, withoutHtml } of recorded.string) {
    const text = fromBytes(Buffer.from(bytes, 'hex'))
    t.equal(jsonString(text, 'iterator'), iterator, bytes)
    t.equal(jsonString(text, 'standard'), standard, bytes)
    t.equal(jsonString(text, 'standard without html'), withoutHtml, bytes)
  }
  t.equal(jsonString('a\ud800b', 'standard'), '"a\\ufffdb"')
  fc.assert(fc.property(anyText(), (text) => JSON.parse(jsonString(text, 'standard')) === text))
})

void t.test('numbers that JSON does not have', async (t) => {
  for (const x of [NaN, Infinity, -Infinity]) t.equal(jsonNumber(x, 'standard'), undefined)
})
