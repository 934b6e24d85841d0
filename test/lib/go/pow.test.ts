import fc from 'fast-check'
import t from 'tap'
import { pow } from '../../../lib/go/pow.ts'

void t.test('powers with the digits of Go', async (t) => {
  const cases: [number, number, number][] = [
    [0.1, 10, 1.0000000000000011e-10],
    [0.1, 64, 1.0000000000000069e-64],
    [-7, -2, 0.02040816326530612],
    [2.5, 64, 2.9387358770557193e25],
    [1e21, -2, 9.999999999999999e-43],
    [5, 64, 5.421010862427523e44],
    [2, 0.5, Math.SQRT2],
    [4, -0.5, 0.5],
    [1, NaN, 1],
    [-1, Infinity, 1],
    [0, -1, Infinity],
    [-8, 1 / 3, NaN],
    [10, 400, Infinity],
    [10, -400, 0],
    [2, -1074, 5e-324],
    [5e-324, -1, Infinity],
    [2, 1e18, Infinity],
  ]
  for (const [base, exponent, result] of cases)
    t.ok(Object.is(pow(base, exponent), result), `${base}^${exponent}`)
  fc.assert(
    fc.property(
      fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      fc.integer({ min: -50, max: 50 }),
      (base, exponent) => {
        t.ok(Math.abs(pow(base, exponent) / base ** exponent - 1) < 1e-13, `${base}^${exponent}`)
      },
    ),
  )
})
