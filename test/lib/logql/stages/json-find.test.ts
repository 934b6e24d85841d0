/** Paths in JSON texts. */
import fc from 'fast-check'
import t from 'tap'
import { findPaths, type JsonPath } from '../../../../lib/logql/stages/json-find.ts'

function find(text: string, ...paths: JsonPath[]): [number, string][] {
  const found: [number, string][] = []
  findPaths(text, paths, (i, value) => found.push([i, typeof value === 'string' ? value : value.text]))
  return found
}

void t.test('keys and indexes, in the order of the text', (t) => {
  const text = '{"b":{"c":[1,{"d":"x"}]},"a":2}'
  t.same(find(text, ['a'], ['b', 'c', 0], ['b', 'c', 1, 'd']), [
    [1, '1'],
    [2, 'x'],
    [0, '2'],
  ])
  t.same(find('{"a":1,"a":2}', ['a']), [[0, '1']], 'the first of equal keys')
  t.same(find('[{"a":1}]', ['a']), [], 'keys inside of arrays do not count')
  t.same(find('[{"a":1}]', [0, 'a']), [[0, '1']])
  t.same(find('{"a":[1]}', ['a', 3]), [])
  t.end()
})

void t.test('mistakes are only noticed where they are in the way', (t) => {
  t.same(find('{"bad": }', ['n']), [])
  t.same(find('{"n": nope}', ['n']), [[0, 'Unknown value type']])
  t.same(find('{"n":1, "bad": }', ['n']), [[0, '1']])
  t.same(find("{'single':1}", ['n']), [])
  t.same(find('"a":1', ['a']), [[-1, 'Malformed JSON error']])
  t.end()
})

void t.test('any text ends', (t) => {
  const letters = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', 'a', '1', ' ', '\\')
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 30 }), (parts) => {
      find(parts.join(''), ['a'], ['a', 0, 'a'], [1])
      return true
    }),
  )
  t.end()
})

void t.test('what JSON.parse finds is found', (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.integer()), (object) => {
      for (const [key, value] of Object.entries(object))
        t.same(find(JSON.stringify(object), [key]), [[0, String(value)]])
    }),
    { numRuns: 30 },
  )
  t.end()
})
