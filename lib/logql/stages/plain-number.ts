/** Reads the plain numbers of logs, `407` and `-3.25`, from bytes. */

/** Numbers of so many digits are exact in a double, as are the powers of ten that they're divided by. */
const MAX_DIGITS = 15
const POWERS = Array.from({ length: MAX_DIGITS + 1 }, (_, i) => 10 ** i)

/** The number in [from, to) as Go reads it: digits with or without a sign and a point. NaN for all else, which isn't to say that it's no number. */
export function plainNumber(bytes: Uint8Array, from: number, to: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from
  const isNegative = at > from
  let digits = 0
  let value = 0
  let point = -1
  for (; at < to; at++) {
    const digit = bytes[at]! - 0x30
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit
      digits++
    } else if (digit === -2 && point < 0) point = at
    else return NaN
  }
  if (digits === 0 || digits > MAX_DIGITS) return NaN
  const fraction = point < 0 ? 0 : to - point - 1
  // `5.` and `.5` are left to the reader of texts.
  if (point >= 0 && (fraction === 0 || fraction === digits)) return NaN
  // One division of exact numbers is rounded correctly.
  const read = fraction === 0 ? value : value / POWERS[fraction]!
  return isNegative ? -read : read
}
