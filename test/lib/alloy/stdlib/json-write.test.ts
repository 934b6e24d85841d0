import t from 'tap'
import { jsonText } from '../../../../lib/alloy/stdlib/json-write.ts'
import type { Value } from '../../../../lib/alloy/value.ts'

void t.test('JSON as Go writes it', async (t) => {
  const cases: [Value, string][] = [
    [null, 'null'],
    [2n ** 64n - 1n, '18446744073709551615'],
    [5, '5'],
    [1e21, '1e+21'],
    [1e-7, '1e-7'],
    [-0, '-0'],
    ['<a & "b">\n\u2028\x07', '"\\u003ca \\u0026 \\"b\\"\\u003e\\n\\u2028\\u0007"'],
    [[1n, [true]], '[1,[true]]'],
    [
      new Map<string, Value>([
        ['z', 1n],
        ['🚀', 2n],
        ['ﬁ', 3n],
      ]),
      '{"z":1,"ﬁ":3,"🚀":2}',
    ],
    [{ kind: 'secret', text: 's', optional: false }, '"s"'],
    // A byte that isn't UTF-8 is an escape, as encoding/json writes it.
    ['a\udcff', '"a\\ufffd"'],
  ]
  for (const [value, text] of cases) t.equal(jsonText(value), text)
  t.throws(() => jsonText([NaN]), /JSON has no number NaN/)
  t.throws(() => jsonText({ kind: 'function', name: 'f', call: () => null }), /cannot hold a function/)
  t.throws(() => jsonText({ kind: 'capsule', type: 'receiver', data: 1 }), /cannot hold a receiver/)
})
