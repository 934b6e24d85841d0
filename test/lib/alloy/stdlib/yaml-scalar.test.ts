import t from 'tap'
import { plainScalar } from '../../../../lib/alloy/stdlib/yaml-scalar.ts'
import type { Value } from '../../../../lib/alloy/value.ts'

void t.test('scalars as yaml.v3 takes them', async (t) => {
  const cases: [string, Value][] = [
    ['', null],
    ['~', null],
    ['NULL', null],
    ['nULL', 'nULL'],
    ['True', true],
    ['yes', 'yes'],
    ['0', 0n],
    ['+5', 5n],
    ['-0x10', -16n],
    ['017', 15n],
    ['0o17', 15n],
    ['08', 8],
    ['0b11', 3n],
    ['1_000', 1000n],
    ['_1', '_1'],
    ['18446744073709551615', 2n ** 64n - 1n],
    ['18446744073709551616', 2 ** 64],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['1e', '1e'],
    ['0.1e400', '0.1e400'],
    ['.inf', Infinity],
    ['-.INF', -Infinity],
    ['.NaN', NaN],
    ['12:30:45', '12:30:45'],
    ['2001-1-1', '2001-01-01T00:00:00Z'],
    ['2001-01-01t10:00:00.50+02:00', '2001-01-01T10:00:00.5+02:00'],
    ['2001-01-01 10:00:00', '2001-01-01T10:00:00Z'],
    ['2001-01-01T10:00:00', '2001-01-01T10:00:00'],
    ['2001-02-29', '2001-02-29'],
    ['2000-02-29', '2000-02-29T00:00:00Z'],
    ['2001-01-01 25:00:00', '2001-01-01 25:00:00'],
  ]
  for (const [text, value] of cases) {
    t.strictSame(plainScalar(text).value, value, text)
    t.equal(
      plainScalar(text).time,
      (typeof value === 'string' && value.endsWith('Z')) || value === '2001-01-01T10:00:00.5+02:00',
    )
  }
})
