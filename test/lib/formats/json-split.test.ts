import fc from 'fast-check'
import t from 'tap'
import { splitJsonArray } from '../../../lib/formats/json-split.ts'

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
    { numRuns: 5000 },
  )
  t.end()
})
