import fc from 'fast-check'
import t from 'tap'
import { readYaml } from '../../../../lib/alloy/stdlib/yaml.ts'
import { ValueError, type Value } from '../../../../lib/alloy/value.ts'

const map = (fields: Record<string, Value>): Value => new Map(Object.entries(fields))

void t.test('texts that Go reads', async (t) => {
  const cases: [string, Value][] = [
    ['', null],
    ['# nothing', null],
    [
      'a: 1\nb:\n  - x\n  - 2.5\nc: true\nd: null\ne: "5"\nf: 0x10',
      map({ a: 1n, b: ['x', 2.5], c: true, d: null, e: '5', f: 16n }),
    ],
    ['yes', 'yes'],
    ['a: |\n  x\n  y\n', map({ a: 'x\ny\n' })],
    [
      'a: !!str 5\nb: !!float 5\nc: !!int "5"\nd: !!binary aGk=\ne: !x y\nf: ! 5',
      map({ a: '5', b: 5, c: 5n, d: 'hi', e: 'y', f: 5n }),
    ],
    [
      'a: &x {k: v, z: 0}\nb:\n  z: 1\n  <<: *x',
      map({ a: map({ k: 'v', z: 0n }), b: map({ z: 1n, k: 'v' }) }),
    ],
    [
      'a: &x {p: 1}\nc: &y {p: 2, q: 3}\nb:\n  <<: [*x, *y]',
      map({ a: map({ p: 1n }), c: map({ p: 2n, q: 3n }), b: map({ p: 1n, q: 3n }) }),
    ],
    ['a: 1\n---\nb: [', map({ a: 1n })],
    ['%YAML 1.1\n---\na: 1', map({ a: 1n })],
  ]
  for (const [text, value] of cases) t.strictSame(readYaml(text), value, text)
  for (const odd of ['1: a', 'true: a', '~: a', '2001-01-01: a'])
    t.match(readYaml(odd), { kind: 'capsule' }, odd)
  t.equal(readYaml('|\n  x'), 'x', 'no line end that is not there')
  t.equal(readYaml('|\n  x\n'), 'x\n')
  t.same(readYaml('a: >\n  x\n  y'), new Map([['a', 'x y']]))
  t.same(readYaml('[{a: 1}] , b'), [new Map([['a', 1n]])], 'what follows the value is not read')
  t.same(readYaml('!!omap [a: 1]'), [new Map([['a', 1n]])], 'a list of maps')
  t.same(readYaml('!!pairs\n- a: 1\n- a: 2'), [new Map([['a', 1n]]), new Map([['a', 2n]])])
})

void t.test('texts that it refuses', async (t) => {
  const bombs = Array.from(
    { length: 12 },
    (_, i) =>
      `a${i}: &a${i} [${
        i === 0
          ? '1'
          : Array(10)
              .fill(`*a${i - 1}`)
              .join(', ')
      }]`,
  )
  const cases: [string, RegExp][] = [
    ['a: [1', /^invalid YAML: /],
    ['a: 1\na: 2', /key "a" is given twice/],
    ['a: *x', /nknown|nresolved/],
    ['a: &x [*x]', /anchor "x" contains itself/],
    ['? [a]\n: b', /cannot be a key/],
    ['<<: 1', /"<<" takes a map or a list of maps, found number/],
    ['a: !!int x', /expected !!int, found "x"/],
    ['%YAML 1.2\n---\na: 1', /only version 1.1/],
    ['['.repeat(20_000), /invalid YAML/],
    ['a: \u0007', /character 4/],
    ['\u2028a: \udcff', /invalid UTF-8 at character 5/],
    [bombs.join('\n'), /too many nodes or aliases/],
  ]
  for (const [text, message] of cases)
    t.throws(() => readYaml(text), { message, constructor: ValueError }, text.slice(0, 30))
})

void t.test('any text gives a value or a ValueError', async () => {
  const unit = fc.constantFrom(
    'a',
    '1',
    ':',
    ': ',
    '-',
    '- ',
    '\n',
    '  ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '&a ',
    '*a',
    '!!int ',
    '"',
    "'",
    '|',
    '>',
    '?',
    '<<',
    '#',
    '%',
    '~',
  )
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      try {
        readYaml(text)
      } catch (error) {
        return error instanceof ValueError
      }
      return true
    }),
    { numRuns: 400 },
  )
})
