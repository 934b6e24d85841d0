/** Numbers as Go prints them: `strconv.FormatFloat` with its verbs, and conversions between integers and floats. */

/** Digits without a point, and the place of the point in them: 0.05 is `5` and -1, 12.5 is `125` and 2. */
interface Decimal {
  readonly digits: string
  readonly point: number
}

// The shortest digits that give the same double again; JS and Go agree on them.
function shortest(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  const digits = mantissa.replace('.', '')
  return value === 0 ? { digits: '', point: 0 } : { digits, point: Number(exponent) + 1 }
}

// A double as numerator / 2^shift, exactly.
function fraction(value: number): { numerator: bigint; shift: bigint } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const mantissa = biased === 0 ? bits & 0xfffffffffffffn : (bits & 0xfffffffffffffn) | (1n << 52n)
  const exponent = (biased === 0 ? 1 : biased) - 1075
  if (exponent >= 0) return { numerator: mantissa << BigInt(exponent), shift: 0n }
  return { numerator: mantissa, shift: BigInt(-exponent) }
}

// round(value * 10^places), half to even as in Go; toFixed would round half up.
function scaled(value: number, places: number): bigint {
  const { numerator, shift } = fraction(value)
  const top = places >= 0 ? numerator * 10n ** BigInt(places) : numerator
  const bottom = (places >= 0 ? 1n : 10n ** BigInt(-places)) << shift
  const quotient = top / bottom
  const twice = (top % bottom) * 2n
  const up = twice > bottom || (twice === bottom && (quotient & 1n) === 1n)
  return up ? quotient + 1n : quotient
}

// `count` significant digits.
function significant(value: number, count: number): Decimal {
  if (value === 0) return { digits: '0'.repeat(count), point: 1 }
  let point = shortest(value).point
  let digits = scaled(value, count - point).toString()
  if (digits.length > count) {
    digits = digits.slice(0, count)
    point++
  }
  return { digits, point }
}

function fixedText(value: number, precision: number): string {
  if (precision >= 0) {
    const digits = scaled(value, precision)
      .toString()
      .padStart(precision + 1, '0')
    const cut = digits.length - precision
    return precision === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`
  }
  const { digits, point } = shortest(value)
  if (point <= 0) return digits === '' ? '0' : `0.${'0'.repeat(-point)}${digits}`
  const whole = digits.slice(0, point).padEnd(point, '0')
  return digits.length > point ? `${whole}.${digits.slice(point)}` : whole
}

function exponentText({ digits, point }: Decimal): string {
  const exponent = digits === '' || /^0+$/.test(digits) ? 0 : point - 1
  const lead = digits === '' ? '0' : digits[0]!
  const rest = digits.length > 1 ? `.${digits.slice(1)}` : ''
  const sign = exponent < 0 ? '-' : '+'
  return `${lead}${rest}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function generalText(value: number, precision: number): string {
  const exact = precision >= 0
  const wanted = precision === 0 ? 1 : precision
  const all = exact ? significant(value, wanted) : shortest(value)
  const digits = all.digits.replace(/0+$/, '')
  const decimal = { digits, point: digits === '' ? 0 : all.point }
  let limit = exact ? wanted : 6
  if (exact && limit > digits.length && digits.length >= decimal.point) limit = digits.length
  const exponent = decimal.point - 1
  if (exponent < -4 || exponent >= limit) return exponentText(decimal)
  if (!exact) return fixedText(value, -1)
  return fixedText(value, Math.max(digits.length - decimal.point, 0))
}

/**
 * A float as Go's `strconv.FormatFloat(value, verb, precision, 64)` prints it. Precision -1 means as many digits as
 * are needed to read the same number again; otherwise the digits after the point (for `g`: all digits).
 */
export function formatFloat(value: number, verb: 'e' | 'f' | 'g', precision: number): string {
  if (Number.isNaN(value)) return 'NaN'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const size = Math.abs(value)
  if (size === Infinity) return value < 0 ? '-Inf' : '+Inf'
  if (verb === 'f') return sign + fixedText(size, precision)
  if (verb === 'g') return sign + generalText(size, precision)
  return sign + exponentText(precision < 0 ? shortest(size) : significant(size, precision + 1))
}

/** A number as text where a string is wanted: integers in full, floats without an exponent (`1e21` has 22 digits). */
export function numberText(value: bigint | number): string {
  return typeof value === 'bigint' ? value.toString() : formatFloat(value, 'f', -1)
}

/** Go's `int64(value)`: floats lose their fraction; what does not fit becomes the lowest int64, as on amd64. */
export function toInt64(value: bigint | number): bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value)
  const whole = Math.trunc(value)
  return Math.abs(whole) < 2 ** 63 ? BigInt(whole) : -(2n ** 63n)
}

/** Go's `uint64(value)`: negative numbers wrap round; floats lose their fraction. */
export function toUint64(value: bigint | number): bigint {
  if (typeof value === 'bigint') return BigInt.asUintN(64, value)
  const whole = Math.trunc(value)
  if (whole >= 2 ** 63 && whole < 2 ** 64) return BigInt(whole)
  return BigInt.asUintN(64, toInt64(value))
}

/** Whether an integer fits into int64; the others are Go's uint64, and are counted with as such. */
export function isSigned(value: bigint): boolean {
  return value < 2n ** 63n
}
