import t from 'tap'
import { valueOf } from '../../../lib/component/js-value.ts'

void t.test('JS values as values of the language', (tap) => {
  const capsule = { kind: 'capsule', type: 'R', data: 1 }
  const secret = { kind: 'secret', text: 'x', optional: false }
  const cases: [unknown, unknown][] = [
    [null, null],
    ['x', 'x'],
    [true, true],
    [3, 3n],
    [-0.5, -0.5],
    [2 ** 60, 2 ** 60],
    [5n, 5n],
    [
      [1, ['a']],
      [1n, ['a']],
    ],
    [
      { a: 1, b: { c: null } },
      new Map<string, unknown>([
        ['a', 1n],
        ['b', new Map([['c', null]])],
      ]),
    ],
    [new Map([['a', [1]]]), new Map([['a', [1n]]])],
    [{ kind: 'other' }, new Map([['kind', 'other']])],
  ]
  for (const [given, value] of cases) tap.strictSame(valueOf(given), value)
  tap.equal(valueOf(capsule), capsule)
  tap.equal(valueOf(secret), secret)
  for (const bad of [undefined, Symbol('x'), () => 1])
    tap.throws(() => valueOf(bad), /expected a string, number, bool, list or object/)
  tap.end()
})
