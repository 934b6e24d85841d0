/** The value of a number as it is written in a config. */

const UINT64_MAX = 2n ** 64n - 1n

function integerOf(digits: string): bigint | undefined {
  if (!digits.startsWith('0') || digits.length === 1) return BigInt(digits)
  return /^[0-7]+$/.test(digits) ? BigInt(`0o${digits}`) : undefined
}

/**
 * The value of `raw`, which holds what the scanner takes as a number (`12`, `010`, `1.`, `.5`, `1e3`): bigint for
 * an integer, number for a float. As in Alloy, whose scanner knows decimal digits only while its values go through
 * Go's `strconv.ParseInt` with base 0: `010` is 8, `08` is the float 8, what is above uint64 is a float. Undefined
 * for anything else, and for what is larger than any float.
 */
export function parseNumberLiteral(raw: string): bigint | number | undefined {
  if (/^[0-9]+$/.test(raw)) {
    const integer = integerOf(raw)
    if (integer !== undefined && integer <= UINT64_MAX) return integer
  }
  if (!/^([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(raw)) return undefined
  const float = Number(raw)
  return Number.isFinite(float) ? float : undefined
}
