/** Numbers as Go's strconv package reads and prints them: stages, templates and the config language show Go's texts. */

/** The shortest digits of a finite, non-negative number and the power of ten of the first one: 1250 is 125 and 3. */
function shortest(x: number): { digits: string; exponent: number } {
  const [mantissa = '', exponent = '0'] = x.toExponential().split('e')
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) }
}

function special(x: number): string | undefined {
  if (Number.isNaN(x)) return 'NaN'
  if (x === Infinity) return '+Inf'
  if (x === -Infinity) return '-Inf'
  if (x === 0) return Object.is(x, -0) ? '-0' : '0'
  return undefined
}

/**
 * The shortest text without an exponent that reads back as the same number, `strconv.FormatFloat(x, 'f', -1, 64)`:
 * `1e21` is `1000000000000000000000`, and `-0`, `NaN`, `+Inf`, `-Inf` are spelled so.
 */
export function formatFloat(x: number): string {
  if (Number.isSafeInteger(x) && x !== 0) return String(x)
  const name = special(x)
  if (name !== undefined) return name
  const magnitude = Math.abs(x)
  if (magnitude >= 1e-6 && magnitude < 1e21) return String(x)
  const { digits, exponent } = shortest(magnitude)
  const sign = x < 0 ? '-' : ''
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  return sign + digits.padEnd(exponent + 1, '0')
}

/** The same with an exponent of at least two digits, as `strconv.FormatFloat(x, 'e', -1, 64)`: `1.5e+07`. */
export function formatFloatE(x: number): string {
  const name = special(x)
  if (name !== undefined) return x === 0 ? `${name}e+00` : name
  const [mantissa = '', exponent = '0'] = x.toExponential().split('e')
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
}

/**
 * What Go's `%v` prints, `strconv.FormatFloat(x, 'g', -1, 64)` with an exponent below 1e-4 and from a million on:
 * `0.00001` is `1e-05`, `1000000` is `1e+06`, `123456.5` stays.
 */
export function formatFloatG(x: number): string {
  const magnitude = Math.abs(x)
  if (magnitude !== 0 && Number.isFinite(x) && (magnitude < 1e-4 || magnitude >= 1e6)) return formatFloatE(x)
  return formatFloat(x)
}

const decimalFloat = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const hexFloat = /^([+-]?)0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?[pP]([+-]?\d+)$/
const named = /^([+-]?)inf(?:inity)?$/i
const misplacedInDecimal = /(?<!\d)_|_(?!\d)/
const misplacedInHex = /(?<![\da-f])_|_(?![\da-f])/i

function bitLength(n: bigint): number {
  return n === 0n ? 0 : n.toString(2).length
}

/** `mantissa * 2^exponent` rounded to the nearest double, ties to even. */
function scaled(mantissa: bigint, exponent: number): number {
  const top = bitLength(mantissa) + exponent
  if (mantissa === 0n || top < -1100) return 0
  if (top > 1100) return Infinity
  const drop = Math.max(bitLength(mantissa) - 53, -1074 - exponent)
  if (drop <= 0) return Number(mantissa) * 2 ** Math.max(exponent, -1074)
  const shift = BigInt(drop)
  const half = 1n << (shift - 1n)
  const rest = mantissa & ((1n << shift) - 1n)
  let kept = mantissa >> shift
  if (rest > half || (rest === half && (kept & 1n) === 1n)) kept++
  const power = exponent + drop
  return power > 900 ? Number(kept) * 2 ** 900 * 2 ** (power - 900) : Number(kept) * 2 ** power
}

function parseHexFloat(text: string): number | undefined {
  const match = hexFloat.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', power = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const clamped = Math.max(-1e6, Math.min(1e6, Number(power)))
  const value = scaled(BigInt(`0x${whole}${fraction}`), clamped - 4 * fraction.length)
  if (value === Infinity) return undefined
  return sign === '-' ? -value : value
}

/**
 * The number that `strconv.ParseFloat(text, 64)` reads, or undefined if it fails: decimal and hexadecimal floats
 * (`0x1p-2`, the exponent is a must), `inf`, `infinity` and `nan` in any case, single underscores
 * between digits. White space and what is too large for a double fail.
 */
export function parseFloat(text: string): number | undefined {
  if (decimalFloat.test(text)) {
    const value = Number(text)
    return Number.isFinite(value) ? value : undefined
  }
  const match = named.exec(text)
  if (match !== null) return match[1] === '-' ? -Infinity : Infinity
  if (text.length === 3 && text.toLowerCase() === 'nan') return NaN
  const hex = /^[+-]?0x/i.test(text)
  if (!text.includes('_')) return hex ? parseHexFloat(text) : undefined
  const digits = hex ? text.replace(/^[+-]?0x/i, '0') : text
  if ((hex ? misplacedInHex : misplacedInDecimal).test(digits)) return undefined
  return parseFloat(text.replaceAll('_', ''))
}
