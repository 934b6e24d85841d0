import t from 'tap'
import { combineMaps, concat, groupBy } from '../../../../lib/alloy/stdlib/array.ts'
import { bytesOf, bytesValue } from '../../../../lib/alloy/bytes-value.ts'
import type { Value } from '../../../../lib/alloy/value.ts'

const object = (fields: Record<string, Value>): Value => new Map(Object.entries(fields))

void t.test('concat', async (t) => {
  t.strictSame(concat.call([[1n], [], ['a', [2n]], [null]]), [1n, 'a', [2n], null])
  t.strictSame(concat.call([]), [])
  t.ok(bytesOf(concat.call([bytesValue(Uint8Array.of(1))])), 'one list stays what it is')
  t.throws(() => concat.call([[1n], 'a']), { path: [1], message: 'expected array, found string' })
  t.throws(() => concat.call([null]), /expected array, found null/)
})

void t.test('combine_maps', async (t) => {
  const left = [object({ k: '1', v: 'left' }), object({ k: '2' })]
  const right = [object({ k: '1', v: 'right' }), object({ x: '1' })]
  t.strictSame(combineMaps.call([left, right, ['k']]), [object({ k: '1', v: 'right' })])
  t.strictSame(
    combineMaps.call([left, right, ['k'], true]),
    [object({ k: '1', v: 'right' }), left[0], left[1], left[1]],
    'the left one once for every right one that does not match',
  )
  t.strictSame(combineMaps.call([left, [], ['k'], true]), [])
  t.strictSame(combineMaps.call([[object({ k: 1n })], [object({ k: 1 })], ['k']]), [], '1 is not 1.0 here')
  t.strictSame(combineMaps.call([[], [], [1n]]), [], 'keys are looked at only if needed')
  const cases: [Value[], RegExp, (number | string)[] | undefined][] = [
    [[[], []], /takes 3 or 4 arguments, found 2/, undefined],
    [[[], [], []], /at least one key/, [2]],
    [['a', [], ['k']], /expected array, found string/, [0]],
    [[[], ['a'], ['k']], /expected object, found string/, [1, 0]],
    [[[], [], ['k'], 'x'], /expected bool, found string/, [3]],
    [[left, right, [5n]], /expected string, found number/, [2, 0]],
  ]
  for (const [args, message, path] of cases) {
    t.throws(() => combineMaps.call(args), path === undefined ? { message } : { message, path })
  }
})

void t.test('group_by', async (t) => {
  const items = [object({ t: 'b', n: 1n }), object({ t: 'a' }), object({ n: 2n }), object({ t: 'b', n: 3n })]
  t.strictSame(groupBy.call([items, 't', true]), [
    object({ t: 'b', items: [items[0]!, items[3]!] }),
    object({ t: 'a', items: [items[1]!] }),
  ])
  t.strictSame((groupBy.call([items, 't', false]) as Value[])[2], object({ t: '', items: [items[2]!] }))
  t.strictSame(groupBy.call([[object({ items: 'x' })], 'items', true]), [
    object({ items: [object({ items: 'x' })] }),
  ])
  t.throws(() => groupBy.call([[object({ t: 5n })], 't', true]), {
    path: [0, 0, 't'],
    name: 'NestedValueError',
  })
  t.throws(() => groupBy.call([[], 5n, true]), { path: [1], name: 'NestedValueError' })
  t.throws(() => groupBy.call([[], 'k']), /takes 3 arguments, found 2/)
})
