import t from 'tap'
import { isCapsule, isFunction, isList, isNumeric, isObject, isSecret } from '../../../lib/alloy/kinds.ts'
import type { Value } from '../../../lib/alloy/value.ts'

void t.test('every value is of at most one of the kinds', async (t) => {
  const guards = { isCapsule, isFunction, isList, isNumeric, isObject, isSecret }
  const cases: [Value, keyof typeof guards | undefined][] = [
    [null, undefined],
    ['a', undefined],
    [true, undefined],
    [1n, 'isNumeric'],
    [1.5, 'isNumeric'],
    [[], 'isList'],
    [new Map(), 'isObject'],
    [new Map([['kind', 'secret']]), 'isObject'],
    [{ kind: 'secret', text: '', optional: true }, 'isSecret'],
    [{ kind: 'capsule', type: 'receiver', data: 1 }, 'isCapsule'],
    [{ kind: 'function', name: 'f', call: () => null }, 'isFunction'],
  ]
  for (const [value, kind] of cases) {
    const found = Object.entries(guards).filter(([, guard]) => guard(value))
    t.strictSame(
      found.map(([name]) => name),
      kind === undefined ? [] : [kind],
    )
  }
})
