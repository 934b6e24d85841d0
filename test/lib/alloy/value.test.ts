import t from 'tap'
import { typeName, ValueError, type Value } from '../../../lib/alloy/value.ts'

void t.test('values have the type names of the language', (tap) => {
  const cases: [Value, string][] = [
    [null, 'null'],
    [true, 'bool'],
    [3n, 'number'],
    [3.5, 'number'],
    ['', 'string'],
    [[], 'array'],
    [new Map(), 'object'],
    [{ kind: 'function', name: 'f', call: () => null }, 'function'],
    [{ kind: 'secret', text: 'x', optional: false }, 'secret'],
    [{ kind: 'capsule', type: 'receiver', data: 1 }, 'receiver'],
  ]
  for (const [value, name] of cases) tap.equal(typeName(value), name, name)
  tap.end()
})

void t.test('a value error can be told from others', (tap) => {
  const error = new ValueError('expected a number')
  tap.match(error, { name: 'ValueError', message: 'expected a number' })
  tap.type(error, Error)
  tap.end()
})
