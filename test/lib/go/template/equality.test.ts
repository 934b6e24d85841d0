import t from 'tap'
import { deepEqual, identity } from '../../../../lib/go/template/equality.ts'
import { int64, list, map, nilList, nilMap, type Value } from '../../../../lib/go/template/value.ts'

const mapOf = (entries: Readonly<Record<string, Value>>, elem?: string): Value =>
  map(new Map(Object.entries(entries)), elem)

void t.test('equal as reflect.DeepEqual has it: types count', (tap) => {
  // Values of one line are equal to each other, and to nothing of another line.
  const groups: (() => Value)[][] = [
    [() => null, () => undefined],
    [() => 'a'],
    [() => '1'],
    [() => 1n],
    [() => 1],
    [() => int64(1n)],
    [() => true],
    [() => list([1n, 'a'])],
    [() => list(['a', 1n])],
    [() => list([1n], 'int')],
    [() => list(['a,s1:b'])],
    [() => list(['a', 'b'])],
    [() => list([])],
    [() => nilList()],
    [() => mapOf({ a: 1n, b: list([]) }), () => mapOf({ b: list([]), a: 1n })],
    [() => mapOf({ a: 1n })],
    [() => mapOf({})],
    [() => mapOf({}, 'string')],
    [() => nilMap],
  ]
  for (const [i, group] of groups.entries())
    for (const [j, other] of groups.entries())
      for (const a of group)
        for (const b of other)
          tap.equal(deepEqual(a(), b()), i === j, `${identity(a())} and ${identity(b())}`)
  tap.notOk(deepEqual(Number.NaN, Number.NaN), 'NaN equals nothing')
  tap.end()
})
