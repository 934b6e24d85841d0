/** What Go's strings package does to a string. A caller that must bound its results passes `check`. */
/** Throws for a result of this many characters that would be too long. */
export type LengthCheck = (length: number) => void

function unchecked(): void {
  // Every length is fine.
}

/** `strings.Replace`: at most `count` times, always if negative. An empty `old` matches around every character. */
export function replace(
  text: string,
  old: string,
  replacement: string,
  count: number,
  check: LengthCheck = unchecked,
): string {
  if (count === 0 || (old === replacement && old !== '')) return text
  if (old === '') return weave(text, replacement, count, check)
  if (!text.includes(old)) return text
  const pieces = text.split(old)
  const times = count < 0 ? pieces.length - 1 : Math.min(count, pieces.length - 1)
  check(text.length + times * (replacement.length - old.length))
  if (count < 0) return pieces.join(replacement)
  return [...pieces.slice(0, times), pieces.slice(times).join(old)].join(replacement)
}

function weave(text: string, replacement: string, count: number, check: LengthCheck): string {
  let left = count < 0 ? Infinity : count
  check(text.length + replacement.length * Math.min(left, text.length + 1))
  let woven = ''
  for (const char of text) woven += left-- > 0 ? replacement + char : char
  return left > 0 ? woven + replacement : woven
}

/** `strings.SplitN`: at most `count` pieces, all if negative. An empty separator splits into characters. */
export function splitN(text: string, separator: string, count: number): string[] {
  if (count === 0) return []
  const pieces = separator === '' ? [...text] : text.split(separator)
  if (count > 0 && pieces.length > count) pieces.push(pieces.splice(count - 1).join(separator))
  return pieces
}

/** `strings.TrimLeft`: without the leading characters that are in the set. */
export function trimLeft(text: string, set: string): string {
  const chars = new Set(set)
  let start = 0
  for (const char of text) {
    if (!chars.has(char)) break
    start += char.length
  }
  return text.slice(start)
}

/** `strings.TrimRight`. */
export function trimRight(text: string, set: string): string {
  const chars = new Set(set)
  let end = text.length
  while (end > 0) {
    const pair = text.codePointAt(end - 2) ?? 0
    const length = end > 1 && pair > 0xffff ? 2 : 1
    if (!chars.has(text.slice(end - length, end))) break
    end -= length
  }
  return text.slice(0, end)
}

/** `strings.Trim`. */
export function trim(text: string, set: string): string {
  return trimRight(trimLeft(text, set), set)
}

export function trimPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text
}

export function trimSuffix(text: string, suffix: string): string {
  return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text
}
