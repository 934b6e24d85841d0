import t from 'tap'
import fc from 'fast-check'
import {
  arrayItem,
  blockEnd,
  skipBlanks,
  stringEnd,
  unescapeJson,
  valueAt,
  walkObject,
} from '../../../../lib/logql/stages/json-scan.ts'

function members(text: string): [string, string, string][] {
  const found: [string, string, string][] = []
  walkObject(text, (key, value) => {
    found.push([key, value.kind, value.text])
    return 'next'
  })
  return found
}

void t.test('members of well-formed objects are those of JSON.parse', (tap) => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const found = members(JSON.stringify(object, undefined, 1))
      tap.same(
        found.map(([key, kind, text]) => [key, JSON.parse(kind === 'string' ? `"${text}"` : text)]),
        Object.entries(JSON.parse(JSON.stringify(object)) as object),
      )
    }),
    { numRuns: 60 },
  )
  tap.end()
})

void t.test('nothing makes it throw', (tap) => {
  const piece = fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', '1', ' ', 'null', 'tru')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('')
      members(text)
      arrayItem(`[${text}`, 2)
      return true
    }),
  )
  tap.end()
})

void t.test('mistakes are named as Loki names them', (tap) => {
  for (const [text, problem] of [
    ['', "Value looks like object, but can't find closing '}' symbol"],
    ['[1]', "Value looks like object, but can't find closing '}' symbol"],
    ['{', 'Malformed JSON error'],
    ['{"a"', 'Malformed JSON error'],
    ['{"a" 1}', 'Malformed JSON error'],
    ['{"a":}', 'Unknown value type'],
    ['{"a":"x', "Value is string, but can't find closing '\"' symbol"],
    ['{"a":[1', "Value is array, but can't find closing ']' symbol"],
    ['{"a":1', "Value is array, but can't find closing ']' symbol"],
    ['{"a":1 2}', "Value looks like object, but can't find closing '}' symbol"],
    ['{"\\x":1}', 'Encountered an invalid escape sequence in a string'],
    ['{"a":1} rest', 'next'],
    ['{}', 'next'],
  ] as const)
    tap.equal(
      walkObject(text, () => 'next'),
      problem,
      text,
    )
  tap.equal(
    walkObject('{"a":1,', () => 'stop'),
    'stop',
    'nothing after the stop is read',
  )
  tap.end()
})

void t.test('parts', (tap) => {
  tap.equal(skipBlanks(' \t\n x', 0), 4)
  tap.equal(stringEnd('a\\"b"c', 0), 5)
  tap.equal(stringEnd('a\\\\"', 0), 4)
  tap.equal(stringEnd('abc', 0), -1)
  tap.equal(blockEnd('{"}"{}}x', 0, 123, 125), 7)
  tap.equal(blockEnd('{"x', 0, 123, 125), -1)
  tap.same(valueAt(' 007,', 0), { kind: 'number', text: '007', end: 4 })
  tap.same(arrayItem('[ ]', 0), undefined)
  tap.match(arrayItem('[1, "b"]', 1), { kind: 'string', text: 'b' })
  tap.same(arrayItem('[1]', 1), undefined)
  tap.end()
})

void t.test('escapes', (tap) => {
  for (const [content, expected] of [
    ['plain', 'plain'],
    ['a\\n\\u00e9\\ud83d\\ude00b', 'a\né😀b'],
    ['\\"\\\\\\/', '"\\/'],
    ['\\ud83d', undefined],
    ['\\x', undefined],
    ['\\u12', undefined],
  ] as const)
    tap.equal(unescapeJson(content), expected, content)
  tap.end()
})
