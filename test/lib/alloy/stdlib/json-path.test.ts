import fc from 'fast-check'
import t from 'tap'
import { jsonPath } from '../../../../lib/alloy/stdlib/json-path.ts'
import { ValueError, type Value } from '../../../../lib/alloy/value.ts'

const text = JSON.stringify({
  a: [
    { b: 1, c: 'x', d: [1, 2, 3] },
    { b: 2, c: 'yy' },
    { b: 2.5, e: null },
    { c: 'z', b: '1' },
    5,
    's',
    null,
    [7, [8]],
  ],
  o: { k: { b: 9 } },
  n: 5,
  'a-b': 1,
  é: 2,
})

/** What a path finds, as JSON with its integers as numbers. */
function find(path: string, data = text): unknown {
  const plain = (value: Value): unknown => {
    if (Array.isArray(value)) return value.map(plain)
    if (value instanceof Map) return Object.fromEntries(Array.from(value, ([k, v]) => [k, plain(v as Value)]))
    return typeof value === 'bigint' ? Number(value) : value
  }
  return plain(jsonPath.call([data, path]))
}

void t.test('what Go finds', async (t) => {
  const cases: [string, unknown[]][] = [
    ['', []],
    ['n', [5]],
    ['.n', [5]],
    ['$.zz', []],
    ['$.a[0].b', [1]],
    ['$.a[-1]', [[7, [8]]]],
    ['$.a[99]', []],
    ['$.a[*].b', [1, 2, 2.5, '1']],
    ['$.a[0,1].b', [1, 2]],
    ['$["n","zz","é"]', [5, 2]],
    ["$['a-b']", [1]],
    ["$['\\x6e']", [5]],
    ['$.a[4:6]', [5, 's']],
    ['$.a[:4:2].b', [1, 2.5]],
    ['$.a[1:0:-1].c', ['yy']],
    ['$.a[5:3:-1]', ['s', 5]],
    ['$.a[0:4:0]', []],
    ['$.a[ 4 ]', [5]],
    ['$.o..b', [9]],
    ['$..k', [{ b: 9 }]],
    ['$.a..b', [1, 2, 2.5, '1']],
    ['$.a[7]..', [7, [8], 8, [7, [8]]]],
    ['$.a[?(@.b == 1)].c', ['x']],
    ['$.a[?@.b].b', [1, 2, 2.5, '1']],
    ['$.a[?(@.b)].b', [1, 2, 2.5, '1']],
    ['$.a[?(@.b >= 2 && @.c == "yy")].b', [2]],
    ['$.a[?(@.b == 2 || @.b == 1 && @.c == "q")].b', []],
    ['$.a[?(@.b == 1 && @.c == "x" || @.b == 2)].b', [1, 2]],
    ['$.a[?(@ == 5)]', [5]],
    ['$.a[?(@ == null)]', [null]],
    ['$.a[?(@.e == null)].b', [2.5]],
    ['$.a[?(@.e exists true)].b', [2.5]],
    ['$.a[?(@.b has false)]', [5, 's', null, [7, [8]]]],
    ['$.a[?(@.b == Nothing)]', [5, 's', null, [7, [8]]]],
    ['$.a[?(!@.b)]', [5, 's', null, [7, [8]]]],
    ['$.a[?(@.c =~ /^[xy]+$/)].b', [1, 2]],
    ['$.a[?(@.c ~= "z")].b', ['1']],
    ['$.a[?(length(@.c) == 2)].b', [2]],
    ['$.a[?(count(@.d[*]) == 3)].b', [1]],
    ['$.a[?(match(@.c, "y"))].b', []],
    ['$.a[?(search(@.c, "y"))].b', [2]],
    ['$.a[?(@.b in [1, 2])].c', ['x', 'yy']],
    ['$.a[?(@.d empty false)].b', [1]],
    ['$.a[?(@.b + 1 == 2)].c', ['x']],
    ['$.a[?(@.b * 2 > 3)].b', [2, 2.5]],
    ['$.a[?(1 + 2 * 3 == 7)][1]', [[8]]],
    ['$.a[?((1 + 2) * 3 == 7)]', []],
    ['$.a[?(@.b / 0 == 1)]', []],
    ['$.a[?(@.d[*] == 2)].b', [1]],
    ['$.a[?($.n == 5)][0]', [7]],
    ['$.a[?(@[0] == 7)][1][0]', [8]],
    ['$.a[?(@.b < "2")].b', ['1']],
    ['$.o[?(@.b == 9)].b', [9]],
  ]
  for (const [path, found] of cases) t.strictSame(find(path), found, path)
  t.strictSame(find('$', ''), [null])
  t.strictSame(find('$..', '5'), [5])
  t.strictSame(jsonPath.call(['[1,1.0,1e2,1e0,9223372036854775800]', '$[*]']), [
    1n,
    1,
    100,
    1n,
    '9223372036854775800',
  ])
})

void t.test('invalid paths', async (t) => {
  const cases: [string, RegExp][] = [
    ['$[', /"\$\[" at character 3: not terminated/],
    ['$.', /not terminated/],
    ['$[x]', /expected an index, a slice, a name in quotes/],
    ['$[0', /expected "]"/],
    ['$["a', /expected a closing "/],
    ['$["\\q"]', /bad escape/],
    ['$.a b', /at character 4: a path cannot continue like this/],
    ['$.a-b', /a path cannot continue like this/],
    ['$[?(@.a ==)]', /expected a value or a function/],
    ['$[?(@.a = 1)]', /expected an operator/],
    ['$[?(@.a =~ /(/)]', /at character/],
    ['$[(@.length-1)]', /scripts are not supported/],
    ['$[?length 1]', /expected "\(" after length/],
    [`$[?${'('.repeat(1000)}`, /nested deeper/],
  ]
  for (const [path, message] of cases) t.throws(() => find(path), { message, constructor: ValueError }, path)
})

void t.test('any path finds something or is a ValueError', async (t) => {
  const path = fc.string({
    unit: fc.constantFrom(
      '$',
      '@',
      '.',
      '..',
      '*',
      '[',
      ']',
      '?',
      '(',
      ')',
      'b',
      '1',
      ' == ',
      '"a"',
      ',',
      ':',
      '!',
      '-',
      '&&',
      '/',
    ),
  })
  fc.assert(
    fc.property(path, (s) => {
      try {
        t.type(find(s), Array)
      } catch (error) {
        t.type(error, ValueError)
      }
    }),
    { numRuns: 300 },
  )
})
