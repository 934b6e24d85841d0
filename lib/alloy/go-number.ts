/** Integers and floats of the language as Go's int64 and uint64, and their text. */
import { formatFloat } from '../go/number.ts'

/** A number as text where a string is wanted: integers in full, floats without an exponent (`1e21` has 22 digits). */
export function numberText(value: bigint | number): string {
  return typeof value === 'bigint' ? value.toString() : formatFloat(value)
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
