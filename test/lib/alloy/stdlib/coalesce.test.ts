import t from 'tap'
import { coalesce } from '../../../../lib/alloy/stdlib/coalesce.ts'
import type { Value } from '../../../../lib/alloy/value.ts'

void t.test('the first argument that is not empty', async (t) => {
  const secret: Value = { kind: 'secret', text: '', optional: false }
  const capsule: Value = { kind: 'capsule', type: 'receiver', data: null }
  const cases: [Value[], Value][] = [
    [[null, false, 0n, 0, -0, '', [], new Map(), secret, 5n, 'x'], 5n],
    [[null, [], new Map()], new Map()],
    [[0n, ''], ''],
    [[null], null],
    [[], null],
    [[null, capsule], capsule],
    [[[null], 1n], [null]],
  ]
  for (const [args, value] of cases) t.strictSame(coalesce.call(args), value)
})
