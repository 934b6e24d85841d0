import fc from 'fast-check'
import t from 'tap'
import { splitJsonArray, splitJsonObject } from '../../../lib/formats/json-split.ts'

void t.test('elements keep their text', (t) => {
  t.same(splitJsonArray(' [ 1.50 , "a]\\"" ,{"b" : [ 2 ]}, null,\ttrue\n] '), [
    '1.50',
    '"a]\\""',
    '{"b" : [ 2 ]}',
    'null',
    'true',
  ])
  t.same(splitJsonArray('[]'), [])
  t.same(splitJsonArray('[[],{}]'), ['[]', '{}'])
  t.same(splitJsonArray('[1e999]'), ['1e999'])
  t.end()
})

void t.test('what is malformed or no array', (t) => {
  const bad = ['', '1', '{"a":1}', '[', '[1', '[1,', '[1,]', '[,1]', '[1 2]', '[1]x', '[01]', '[1.]', '[+1]']
  bad.push(
    '["a]',
    '["\\x"]',
    '["\n"]',
    '[tru]',
    '[{]',
    '[{"a"}]',
    '[{"a":}]',
    '[{"a":1,}]',
    '[{1:2}]',
    '[[1}]',
  )
  bad.push('[nullx]', "['a']", '[2026-01-02] INFO started', '[\u00a01]', '["\\u12"]', '[-]')
  for (const text of bad) t.equal(splitJsonArray(text), undefined, text)
  t.end()
})

void t.test('nesting is followed without recursion, up to the depth of Go', (t) => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
  t.same(splitJsonArray(nested(5000)), [nested(4999)])
  t.equal(splitJsonArray(nested(20_000)), undefined)
  t.end()
})

void t.test('every array comes apart into the values that JSON.parse sees', (t) => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (values, space) => {
      const parts = splitJsonArray(JSON.stringify(values, null, space))
      return JSON.stringify(parts?.map((part) => JSON.parse(part) as unknown)) === JSON.stringify(values)
    }),
  )
  t.end()
})

void t.test('it accepts exactly the arrays that JSON.parse accepts', (t) => {
  const piece = fc.constantFrom(
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '"a"',
    '"',
    '1',
    '-',
    '0',
    '.5',
    'null',
    ' ',
    '\\',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = `[${pieces.join('')}]`
      let valid = true
      try {
        valid = Array.isArray(JSON.parse(text))
      } catch {
        valid = false
      }
      return (splitJsonArray(text) !== undefined) === valid
    }),
    { numRuns: 400 },
  )
  t.end()
})

void t.test('values of an object keep their text, the last one of a name', (t) => {
  const split = (text: string): unknown => {
    const members = splitJsonObject(text)
    return members && Object.fromEntries(members)
  }
  t.same(split(' { "a" : 1.50 , "b\\"\\u0041":{"c" : [ 2 ]}, "a":\ttrue\n} '), {
    a: 'true',
    'b"A': '{"c" : [ 2 ]}',
  })
  t.same(split('{}'), {})
  for (const bad of [
    '',
    '[]',
    '{',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    '{a:1}',
    '{"a" 1}',
    '{"a":1}x',
    '{,}',
  ])
    t.equal(split(bad), undefined, bad)
  t.end()
})

void t.test('an object is split where JSON.parse takes it', (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1), (object, indent) => {
      const members = splitJsonObject(JSON.stringify(object, undefined, indent))
      const values = [...members!].map(([name, text]): [string, unknown] => [name, JSON.parse(text)])
      t.same(new Map(values), new Map(Object.entries(JSON.parse(JSON.stringify(object)) as object)))
    }),
    { numRuns: 50 },
  )
  t.end()
})
