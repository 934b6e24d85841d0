/** White space as Go's `unicode.IsSpace` has it; JavaScript's own lacks U+0085 and counts U+FEFF. */

/** Whether a UTF-16 unit is white space; no character beyond U+FFFF is. */
export function isSpace(code: number): boolean {
  if (code <= 0xff) return code === 32 || (code >= 9 && code <= 13) || code === 0x85 || code === 0xa0
  return (
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x1680 ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  )
}

/** `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  return trimSpaceRight(trimSpaceLeft(text))
}

/** `strings.TrimLeftFunc(text, unicode.IsSpace)`. */
export function trimSpaceLeft(text: string): string {
  let start = 0
  while (start < text.length && isSpace(text.charCodeAt(start))) start++
  return text.slice(start)
}

/** `strings.TrimRightFunc(text, unicode.IsSpace)`. */
export function trimSpaceRight(text: string): string {
  let end = text.length
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(0, end)
}
