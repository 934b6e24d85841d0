import t from 'tap'
import { valueText } from '../../../lib/docs/value-text.ts'

void t.test('values as they are written in a config', (tap) => {
  const secret = (text: string): object => ({ kind: 'secret', text, optional: false })
  const cases: [unknown, string, string | undefined][] = [
    [undefined, 'string', undefined],
    [null, 'any', 'null'],
    ['a"b', 'string', '"a\\"b"'],
    [true, 'bool', 'true'],
    [0.5, 'number', '0.5'],
    [60_000, 'duration', '"1m0s"'],
    [0.000001, 'duration', '"1ns"'],
    [0, 'duration', '"0s"'],
    [1024 * 1024, 'bytes_size', '"1MiB"'],
    [[], 'list(string)', '[]'],
    [['a', 'b'], 'list(string)', '["a", "b"]'],
    [[1000, 2000], 'list(duration)', '["1s", "2s"]'],
    [new Map(), 'map(string)', '{}'],
    [new Map([['a', [1]]]), 'map(list(bytes_size))', '{ "a" = ["1B"] }'],
    [secret(''), 'secret', '""'],
    [secret('hush'), 'secret', '(secret)'],
    [{}, 'capsule(x)', undefined],
  ]
  for (const [value, type, expected] of cases)
    tap.equal(valueText(value, type), expected, `${type} ${expected}`)
  tap.end()
})
