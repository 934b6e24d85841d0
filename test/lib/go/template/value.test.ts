/** Go's types for JavaScript's values. */
import t from 'tap'
import {
  dataMap,
  goInt,
  int64,
  integerOf,
  isUnsigned,
  kindName,
  list,
  map,
  mapEntries,
  mapGet,
  methodOf,
  nilList,
  nilMap,
  sortedKeys,
  truth,
  typeName,
  type GoObject,
  type Value,
} from '../../../../lib/go/template/value.ts'

const object: GoObject = {
  tag: 'object',
  type: 'time.Time',
  kind: 'struct',
  text: () => 'now',
  methods: new Map([['Unix', { params: [], rest: undefined, call: () => 1n }]]),
  data: 0,
}

void t.test('type, kind and truth', (tap) => {
  const cases: [Value, string, string, boolean][] = [
    [undefined, '<nil>', 'invalid', false],
    [null, '<nil>', 'invalid', false],
    ['', 'string', 'string', false],
    ['x', 'string', 'string', true],
    [0n, 'int', 'int', false],
    [1.5, 'float64', 'float64', true],
    [0, 'float64', 'float64', false],
    [Number.NaN, 'float64', 'float64', true],
    [false, 'bool', 'bool', false],
    [int64(0n), 'int64', 'int64', false],
    [goInt('int', 1n, 'time.Month', 'January'), 'time.Month', 'int', true],
    [list([]), '[]interface {}', 'slice', false],
    [list([null], 'string'), '[]string', 'slice', true],
    [nilList('int'), '[]int', 'slice', false],
    [map(), 'map[string]interface {}', 'map', false],
    [nilMap, 'map[string]interface {}', 'map', false],
    [map(new Map([['a', null]]), 'string'), 'map[string]string', 'map', true],
    [object, 'time.Time', 'struct', true],
  ]
  for (const [value, type, kind, isTrue] of cases)
    tap.same([typeName(value), kindName(value), truth(value)], [type, kind, isTrue], `${type} ${isTrue}`)
  tap.equal(int64(1n << 63n).value, -(1n << 63n), 'int64 wraps around')
  tap.same(
    [integerOf(3n), integerOf(int64(4n)), integerOf(3), integerOf('3')],
    [3n, 4n, undefined, undefined],
  )
  tap.same([isUnsigned(goInt('uint8', 1n)), isUnsigned(int64(1n)), isUnsigned(1n)], [true, false, false])
  tap.end()
})

void t.test('methods', (tap) => {
  tap.equal(methodOf(object, 'Unix')?.call(object), 1n)
  for (const value of [object, null, 'x', list([]), map(), int64(1n)])
    tap.equal(methodOf(value, 'toString'), undefined)
  tap.end()
})

void t.test('a map over data asks for single keys until the whole is wanted', (tap) => {
  const asked: string[] = []
  const data = dataMap({
    get: (name) => {
      asked.push(name)
      return name === 'none' ? undefined : `<${name}>`
    },
    keys: () => ['b', '\u{1F600}', '\uffff', 'a'],
  })
  tap.equal(mapGet(data, 'b'), '<b>')
  tap.equal(mapGet(data, 'none'), undefined)
  tap.same(asked, ['b', 'none'])
  tap.same(
    sortedKeys(data),
    ['a', 'b', '\uffff', '\u{1F600}'],
    'by code points, as bytes of UTF-8 are ordered',
  )
  tap.equal(asked.length, 6)
  mapEntries(data).set('b', 'changed')
  tap.equal(mapGet(data, 'b'), 'changed')
  tap.equal(mapGet(data, 'a'), '<a>')
  tap.equal(asked.length, 6, 'the data is not asked again')
  tap.end()
})
