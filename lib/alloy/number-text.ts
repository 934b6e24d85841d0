/** Numbers where a string is wanted. */
import { formatFloat } from '../go/strconv/number.ts'

/** Integers in full, floats without an exponent (`1e21` has 22 digits). */
export function numberText(value: bigint | number): string {
  return typeof value === 'bigint' ? value.toString() : formatFloat(value)
}
