/** Go's strconv.FormatFloat: digits of a double, shortest or rounded half to even, in each of its layouts. */

/** |value| = 0.digits * 10^point; no digits for zero. */
interface Decimal {
  digits: string
  point: number
}

export type FloatVerb = 'e' | 'E' | 'f' | 'g' | 'G' | 'b' | 'x' | 'X'

function split(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & ((1n << 52n) - 1n)
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 }
}

function strip(digits: string): string {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end--
  return digits.slice(0, end)
}

/** The exact decimal value. */
function exact(value: number): Decimal {
  if (value === 0) return { digits: '', point: 0 }
  const { mantissa, exponent } = split(value)
  if (exponent >= 0) {
    const digits = (mantissa << BigInt(exponent)).toString()
    return { digits: strip(digits), point: digits.length }
  }
  const digits = (mantissa * 5n ** BigInt(-exponent)).toString()
  return { digits: strip(digits), point: digits.length + exponent }
}

/** The fewest digits that read back as the same double, which is what JavaScript prints too. */
function shortest(value: number): Decimal {
  if (value === 0) return { digits: '', point: 0 }
  const [digits = '', exponent] = value.toExponential().replace('.', '').split('e')
  return { digits, point: Number(exponent) + 1 }
}

/** The number kept to its first `count` digits, half to even. */
function round(number: Decimal, count: number): Decimal {
  const { digits, point } = number
  if (count >= digits.length) return number
  if (count < 0) return { digits: '', point: 0 }
  const next = digits.charCodeAt(count) - 48
  const half = next === 5 && digits.length === count + 1
  const odd = count > 0 && (digits.charCodeAt(count - 1) & 1) === 1
  const up = half ? odd : next >= 5
  const kept = digits.slice(0, count)
  if (!up) return { digits: strip(kept), point: strip(kept) === '' ? 0 : point }
  const raised = (BigInt(`0${kept}`) + 1n).toString()
  return { digits: strip(raised), point: point + raised.length - kept.length }
}

// d[.ddd]e±dd
function layoutE({ digits, point }: Decimal, precision: number, letter: string): string {
  const exponent = digits === '' ? 0 : point - 1
  const first = digits[0] ?? '0'
  const rest = precision > 0 ? `.${digits.slice(1, precision + 1).padEnd(precision, '0')}` : ''
  const sign = exponent < 0 ? '-' : '+'
  return `${first}${rest}${letter}${sign}${Math.abs(exponent).toString().padStart(2, '0')}`
}

// ddd[.ddd]
function layoutF({ digits, point }: Decimal, precision: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  if (precision <= 0) return whole
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, '0')}`
}

/** `%g`: the exponent layout below 1e-4 and from the precision on, which is 21 places in no case but JSON's. */
function layoutG(number: Decimal, precision: number, isShortest: boolean, upper: boolean): string {
  const { digits, point } = number
  let limit = precision
  if (limit > digits.length && digits.length >= point) limit = digits.length
  if (isShortest) limit = 6
  const exponent = point - 1
  if (exponent < -4 || exponent >= limit) {
    return layoutE(number, Math.min(precision, digits.length) - 1, upper ? 'E' : 'e')
  }
  return layoutF(number, Math.max((precision > point ? digits.length : precision) - point, 0))
}

// -ddddp±ddd
function layoutB(value: number): string {
  const { mantissa, exponent } = split(value)
  return `${mantissa}p${exponent >= 0 ? '+' : ''}${exponent}`
}

/** Shifted right, half to even. */
function shiftRound(value: bigint, bits: bigint): bigint {
  if (bits <= 0n) return value
  const rest = value & ((1n << bits) - 1n)
  const half = 1n << (bits - 1n)
  const kept = value >> bits
  return rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept
}

// 0x1.yyyyp±dd
function layoutX(value: number, precision: number): string {
  let { mantissa, exponent } = split(value)
  if (mantissa === 0n) exponent = 0
  else {
    while (mantissa < 1n << 52n) {
      mantissa <<= 1n
      exponent--
    }
    exponent += 52
  }
  // One digit before the point, 13 after it.
  if (precision >= 0 && precision < 13) {
    const cut = BigInt(4 * (13 - precision))
    mantissa = shiftRound(mantissa, cut) << cut
    if (mantissa >= 1n << 53n) {
      mantissa >>= 1n
      exponent++
    }
  }
  const all = (mantissa & ((1n << 52n) - 1n)).toString(16).padStart(13, '0')
  const fraction = precision < 0 ? strip(all) : all.padEnd(precision, '0').slice(0, precision)
  const power = Math.abs(exponent).toString().padStart(2, '0')
  return `0x${mantissa >> 52n}${fraction === '' ? '' : '.'}${fraction}p${exponent < 0 ? '-' : '+'}${power}`
}

function layout(value: number, verb: FloatVerb, precision: number): string {
  if (verb === 'b') return layoutB(value)
  if (verb === 'x') return layoutX(value, precision)
  if (verb === 'X') return layoutX(value, precision).toUpperCase()
  const isShortest = precision < 0
  const number = isShortest ? shortest(value) : exact(value)
  const { digits, point } = number
  if (verb === 'f') {
    if (isShortest) return layoutF(number, Math.max(digits.length - point, 0))
    return layoutF(round(number, point + precision), precision)
  }
  if (verb === 'e' || verb === 'E') {
    const places = isShortest ? Math.max(digits.length - 1, 0) : precision
    return layoutE(round(number, places + 1), places, verb)
  }
  const places = isShortest ? digits.length : precision === 0 ? 1 : precision
  return layoutG(isShortest ? number : round(number, places), places, isShortest, verb === 'G')
}

/**
 * strconv.FormatFloat(value, verb, precision, 64). A precision of -1 means the shortest digits.
 */
export function formatFloat(value: number, verb: FloatVerb, precision: number): string {
  if (Number.isNaN(value)) return 'NaN'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  if (!Number.isFinite(value)) return sign === '' ? '+Inf' : '-Inf'
  return sign + layout(Math.abs(value), verb, precision)
}
