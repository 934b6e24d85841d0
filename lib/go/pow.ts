/** Go's math.Pow to the last digit: it multiplies by squaring, where JavaScript rounds once. */

/** value = fraction * 2^exponent with a fraction from 0.5 up to 1. */
function split(value: number): { fraction: number; exponent: number } {
  let exponent = 0
  let fraction = value
  // Subnormal numbers are made normal first.
  if (Math.abs(value) < 2 ** -1022) {
    fraction *= 2 ** 52
    exponent = -52
  }
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, fraction)
  const bits = view.getBigUint64(0)
  exponent += Number((bits >> 52n) & 0x7ffn) - 1022
  view.setBigUint64(0, (bits & ~(0x7ffn << 52n)) | (1022n << 52n))
  return { fraction: view.getFloat64(0), exponent }
}

/** fraction * 2^exponent, without passing through infinity or zero. */
function scale(fraction: number, exponent: number): number {
  if (exponent > 1000) return fraction * 2 ** 1000 * 2 ** Math.min(exponent - 1000, 1023)
  if (exponent < -1000) return fraction * 2 ** -1000 * 2 ** Math.max(exponent + 1000, -1074)
  return fraction * 2 ** exponent
}

/** `base ^ exponent` as https://pkg.go.dev/math#Pow has it: 1 to any power is 1, and -1 to an infinite one too. */
export function pow(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1
  if (base === 0 || !Number.isFinite(base) || !Number.isFinite(exponent)) return base ** exponent
  if (exponent === 0.5) return Math.sqrt(base)
  if (exponent === -0.5) return 1 / Math.sqrt(base)
  const size = Math.abs(exponent)
  let whole = Math.trunc(size)
  let rest = size - whole
  if ((rest !== 0 && base < 0) || whole >= 2 ** 63) return base ** exponent
  let result = 1
  let power = 0
  if (rest !== 0) {
    if (rest > 0.5) {
      rest--
      whole++
    }
    result = Math.exp(rest * Math.log(base))
  }
  let { fraction, exponent: twos } = split(base)
  for (let left = whole; left !== 0; left = Math.floor(left / 2)) {
    // By now the result is beyond every double.
    if (Math.abs(twos) > 4096) {
      power += twos
      break
    }
    if (left % 2 === 1) {
      result *= fraction
      power += twos
    }
    fraction *= fraction
    twos *= 2
    if (fraction < 0.5) {
      fraction += fraction
      twos--
    }
  }
  return exponent < 0 ? scale(1 / result, -power) : scale(result, power)
}
