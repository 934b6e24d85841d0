import fc from 'fast-check'
import t from 'tap'
import { goFormat } from '../../../../lib/alloy/stdlib/go-format.ts'
import { readYaml } from '../../../../lib/alloy/stdlib/yaml.ts'
import { ValueError, type Value } from '../../../../lib/alloy/value.ts'

void t.test('values as Go prints them', async (t) => {
  const map = new Map<string, Value>([
    ['b', 1n],
    ['a', 'x'],
  ])
  const odd = '1: a\n1.5: b\ntrue: c\nx: d\n~: e\n18446744073709551615: f\n2001-02-03: g\n-3: h'
  const receiver: Value = { kind: 'capsule', type: 'r', data: 1, text: 'loki.write.a.receiver' }
  const cases: [string, Value[], string][] = [
    [
      '%s|%d|%5.2f|%t|%v|%q|%x|%%',
      ['a', 42n, 3.14159, true, [1n, 'b'], 'q"', 255n],
      'a|42| 3.14|true|[1 b]|"q\\""|ff|%',
    ],
    ['%05d|%-5s|%+d|%v', [7n, 'l', 5n, map], '00007|l    |+5|map[a:x b:1]'],
    ['%d|%s|%d', ['a', 5n], '%!d(string=a)|%!s(int=5)|%!d(MISSING)'],
    ['%s', ['a', 'b'], 'a%!(EXTRA string=b)'],
    ['%v %T', [2n ** 64n - 1n, 2n ** 64n - 1n], '18446744073709551615 uint64'],
    ['%v %v %v', [1, 1e6, 0.1], '1 1e+06 0.1'],
    ['%v %d %T', [null, null, null], '<nil> %!d(<nil>) <nil>'],
    ['%#v', [[1n, 'b', map]], '[]interface {}{1, "b", map[string]interface {}{"a":"x", "b":1}}'],
    ['%[2]s %[1]s', ['a', 'b'], 'b a'],
    ['%s', [{ kind: 'secret', text: 's', optional: false }], 's'],
    ['%v', [{ kind: 'capsule', type: 'receiver', data: 1 }], '(receiver)'],
    ['%v|%s', [receiver, [receiver]], 'loki.write.a.receiver|[loki.write.a.receiver]'],
    ['%v', [readYaml('2: x\n1: [~, {true: y}]')], 'map[1:[<nil> map[true:y]] 2:x]'],
    ['%d|%T', [readYaml('1: 2'), readYaml('1: 2')], 'map[1:2]|map[interface {}]interface {}'],
    [
      '%v',
      [readYaml(odd)],
      'map[<nil>:e x:d 18446744073709551615:f -3:h 1:a 1.5:b true:c 2001-02-03 00:00:00 +0000 UTC:g]',
    ],
    ['%q', ['\udcff'], '"\\xff"'],
  ]
  for (const [format, args, text] of cases) t.equal(goFormat(format, args), text, format)
})

void t.test('any format gives a text or a ValueError', async (t) => {
  const value = fc.constantFrom<Value>(null, true, 5n, -1.5, 'a', [1n, ['x']], new Map([['k', null]]))
  const format = fc.string({ unit: fc.constantFrom(...'%%%vdsxqeg#+- 0*.[]129a') })
  fc.assert(
    fc.property(format, fc.array(value), (text, args) => {
      try {
        t.type(goFormat(text, args), 'string')
      } catch (error) {
        t.type(error, ValueError)
      }
    }),
  )
})
