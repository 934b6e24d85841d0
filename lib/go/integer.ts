/** Conversions between Go's number types, as amd64 computes them. */

/** `int64(value)`: a float loses its fraction, and becomes the lowest int64 if it doesn't fit; integers wrap. */
export function toInt64(value: bigint | number): bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value)
  return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : -(2n ** 63n)
}

/** `uint64(value)`: a float loses its fraction; negative numbers wrap. */
export function toUint64(value: bigint | number): bigint {
  if (typeof value === 'number' && value >= 2 ** 63 && value < 2 ** 64) return BigInt(Math.trunc(value))
  return BigInt.asUintN(64, toInt64(value))
}

/** Whether an integer fits into int64. */
export function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value
}
