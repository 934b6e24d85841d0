/** Floats as Go formats them. */
import fc from 'fast-check'
import t from 'tap'
import { formatFloat } from '../../../../lib/go/strconv/float.ts'

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })

void t.test('the shortest digits read back as the same number', async (t) => {
  fc.assert(
    fc.property(finite, fc.constantFrom('e', 'f', 'g', 'G', 'E'), (value, verb) => {
      return Object.is(Number(formatFloat(value, verb, -1)), value)
    }),
  )
  t.pass()
})

void t.test('a precision keeps that many digits', async (t) => {
  fc.assert(
    fc.property(
      finite.filter((value) => value === 0 || (Math.abs(value) > 1e-300 && Math.abs(value) < 1e300)),
      fc.nat(14),
      (value, precision) => {
        const text = formatFloat(value, 'e', precision)
        const digits = /^-?\d(?:\.(\d+))?e[+-]\d\d/.exec(text)
        const error = Math.abs(Number(text) - value)
        return (
          digits !== null &&
          (digits[1] ?? '').length === precision &&
          error <= Math.abs(value) * 0.6 * 10 ** -precision
        )
      },
    ),
  )
  t.pass()
})

void t.test('layouts', async (t) => {
  const cases: [number, Parameters<typeof formatFloat>[1], number, string][] = [
    [2.5, 'f', 0, '2'],
    [3.5, 'f', 0, '4'],
    [0.5, 'f', 0, '0'],
    [0.05, 'f', 1, '0.1'],
    [0.125, 'f', 2, '0.12'],
    [9.99, 'f', 1, '10.0'],
    [99.99, 'e', 2, '1.00e+02'],
    [1e21, 'f', -1, '1000000000000000000000'],
    [1e6, 'g', -1, '1e+06'],
    [123456, 'g', -1, '123456'],
    [0.0001, 'g', -1, '0.0001'],
    [0.00001, 'g', -1, '1e-05'],
    [1234.5678, 'g', 3, '1.23e+03'],
    [100, 'g', 3, '100'],
    [1, 'b', -1, '4503599627370496p-52'],
    [1.5, 'x', -1, '0x1.8p+00'],
    [1.96875, 'x', 1, '0x1.0p+01'],
    [5e-324, 'x', -1, '0x1p-1074'],
    [-0, 'g', -1, '-0'],
    [Number.NaN, 'f', 2, 'NaN'],
    [Infinity, 'g', -1, '+Inf'],
    [-Infinity, 'e', 2, '-Inf'],
  ]
  for (const [value, verb, precision, expected] of cases) {
    t.equal(formatFloat(value, verb, precision), expected, `%.${precision}${verb} of ${value}`)
  }
})
