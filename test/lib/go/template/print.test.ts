/** Sprint, Sprintln and Sprintf of Go's fmt. */
import t from 'tap'
import { printable, sprint, sprintf, sprintln, sprintOne } from '../../../../lib/go/template/print.ts'
import { goInt, int64, list, map, nilList, nilMap, type Value } from '../../../../lib/go/template/value.ts'

const data = map(
  new Map<string, Value>([
    ['b', list([1n, 'x'])],
    ['a', null],
  ]),
)

void t.test('values', (tap) => {
  tap.equal(sprintOne(data), 'map[a:<nil> b:[1 x]]')
  tap.same([sprintOne(null), printable(null), printable(undefined)], ['<nil>', '<no value>', '<no value>'])
  tap.equal(sprintOne(goInt('int', 1n, 'time.Month', 'January')), 'January')
  tap.equal(sprint([1n, 2n, 'a', 'b', 3n, true]), '1 2ab3 true')
  tap.equal(sprintln([1n, 'a', 'b']), '1 a b\n')
  tap.end()
})

void t.test('formats', (tap) => {
  const cases: [string, Value[], string][] = [
    ['100%%', [], '100%'],
    ['%s is %d', ['a', 5n], 'a is 5'],
    ['%v %v', [data, nilMap], 'map[a:<nil> b:[1 x]] map[]'],
    [
      '%#v %#v',
      [data, nilList('string')],
      'map[string]interface {}{"a":interface {}(nil), "b":[]interface {}{1, "x"}} []string(nil)',
    ],
    ['%T %T', [1.5, list([], 'int')], 'float64 []int'],
    ['%5d|%-5d|%05d', [1n, 2n, 3n], '    1|2    |00003'],
    ['%*d|%.*f', [4n, 7n, 1n, 2.55], '   7|2.5'],
    ['%[2]s %[1]s', ['a', 'b'], 'b a'],
    ['%s', [int64(5n)], '%!s(int64=5)'],
    ['%d', ['x'], '%!d(string=x)'],
    ['%d %d', [1n], '1 %!d(MISSING)'],
    ['%d', [1n, 'x', null], '1%!(EXTRA string=x, <nil>)'],
    ['%[3]d', [1n], '%!d(BADINDEX)'],
    ['%*d', ['x', 1n], '%!(BADWIDTH)1'],
    ['a%', [], 'a%!(NOVERB)'],
    ['%x', [list([255n, 'a'])], '[ff 61]'],
    ['%d', [null], '%!d(<nil>)'],
    ['%t %t', [true, 1n], 'true %!t(int=1)'],
  ]
  for (const [format, args, expected] of cases) tap.equal(sprintf(format, args), expected, format)
  tap.throws(
    () =>
      sprintf(
        '%1000000s'.repeat(9),
        Array.from({ length: 9 }, () => 'x'),
      ),
    { message: /text of more than/ },
  )
  tap.end()
})
