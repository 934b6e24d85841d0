/** Integers as Go's strconv.ParseInt reads them, and the casts of github.com/spf13/cast, on which sprig relies. */
import { parseFloat } from '../number.ts'
import type { Value } from './value.ts'

/** An underscore only between digits, or after a base prefix. */
function underscoresOk(text: string): boolean {
  const body = text.replace(/^[+-]/, '').replace(/^0[bBoOxX]/, '0')
  return !/^_|_$|_[^0-9a-fA-F]|[^0-9a-fA-F]_/.test(body)
}

const integerForms: readonly [RegExp, (digits: string) => bigint][] = [
  [/^0[xX]([0-9a-fA-F]+)$/, (digits) => BigInt(`0x${digits}`)],
  [/^0[bB]([01]+)$/, (digits) => BigInt(`0b${digits}`)],
  [/^0[oO]([0-7]+)$/, (digits) => BigInt(`0o${digits}`)],
  [/^0([0-7]+)$/, (digits) => BigInt(`0o${digits}`)],
  [/^(0|[1-9][0-9]*)$/, (digits) => BigInt(digits)],
]

/** Digits beyond this are no 64 bit integer in any base, unless they are zeros. */
const longestInteger = 200

/** ParseInt(text, 0, ...) without a limit of size: base by prefix, a leading 0 is octal, underscores between digits. */
export function parseInteger(text: string): bigint | undefined {
  // Most are plain, and short enough for a double.
  if (/^-?[1-9][0-9]{0,14}$/.test(text)) return BigInt(Number(text))
  if (text.length > longestInteger || !underscoresOk(text)) return undefined
  const negative = text.startsWith('-')
  const digits = (negative || text.startsWith('+') ? text.slice(1) : text).replaceAll('_', '')
  for (const [form, value] of integerForms) {
    const match = form.exec(digits)
    if (match !== null) return negative ? -value(match[1] ?? '') : value(match[1] ?? '')
  }
  return undefined
}

/** The integer if it fits into 64 bits with a sign. */
export function asInt64(value: bigint | undefined): bigint | undefined {
  return value !== undefined && BigInt.asIntN(64, value) === value ? value : undefined
}

/** ParseInt(text, base, 64) for base 8 or 10, without prefixes and underscores. */
export function parseDigits(text: string, base: 8 | 10): bigint | undefined {
  const match = (base === 8 ? /^([+-]?)([0-7]+)$/ : /^([+-]?)([0-9]+)$/).exec(text)
  if (match === null || text.length > longestInteger) return undefined
  const value = BigInt(base === 8 ? `0o${match[2]}` : (match[2] ?? ''))
  return asInt64(match[1] === '-' ? -value : value)
}

/** The same for base 10 where the error is ignored: what is out of range becomes the nearest integer, the rest 0. */
export function clampDigits(text: string): bigint {
  const value = parseDigits(text, 10)
  if (value !== undefined) return value
  const digits = BigInt(/^[+-]?([0-9]+)/.exec(text.slice(0, longestInteger))?.[1] ?? '0')
  // Go sees that a number leaves 64 bits before it sees what follows.
  const isTooLarge = /^[+-]?[0-9]+$/.test(text) || digits > (1n << 64n) - 1n
  if (!isTooLarge) return 0n
  return text.startsWith('-') ? -(1n << 63n) : (1n << 63n) - 1n
}

/** int64(value) of a float as amd64 computes it: what does not fit is the smallest integer. */
export function truncate(value: number): bigint {
  return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : -(1n << 63n)
}

/** A decimal number without exponent loses its fraction before it is read as an integer. */
function withoutFraction(text: string): string {
  if (!text.includes('.')) return text
  const match = /^([+-]?[0-9]*)\.[0-9]*$/.exec(text)
  if (match === null) return text
  const whole = match[1] ?? ''
  return /[0-9]/.test(whole) ? whole : `${whole}0`
}

/** cast.ToInt64: 0 for whatever is no number. */
export function toInt64(value: Value): bigint {
  switch (typeof value) {
    case 'bigint':
      return value
    case 'number':
      return truncate(value)
    case 'boolean':
      return value ? 1n : 0n
    case 'string':
      return asInt64(parseInteger(withoutFraction(value))) ?? 0n
    default:
      if (value === undefined || value === null || value.tag !== 'int') return 0n
      return value.type === 'time.Duration' ? 0n : BigInt.asIntN(64, value.value)
  }
}

/** cast.ToFloat64: 0 for whatever is no number. */
export function toFloat64(value: Value): number {
  switch (typeof value) {
    case 'number':
      return value
    case 'string':
      return parseFloat(value) ?? 0
    default:
      return Number(typeof value === 'object' && value?.tag === 'int' ? value.value : toInt64(value))
  }
}
