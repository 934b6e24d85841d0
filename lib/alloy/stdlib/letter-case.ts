/** Upper and lower case as Go's `strings.ToUpper` and `ToLower`: one character becomes one character. */

// Characters whose full upper case is several characters, but whose simple one is this far up.
function simpleUpper(code: number): number {
  const iotaSubscript =
    (code >= 0x1f80 && code <= 0x1faf && (code & 0x8) === 0) ||
    code === 0x1fb3 ||
    code === 0x1fc3 ||
    code === 0x1ff3
  if (!iotaSubscript) return code
  return code + (code < 0x1fb0 ? 8 : 9)
}

/** Every character in upper case; what has only a longer upper case (`ß`) stays. */
export function toUpper(text: string): string {
  let result = ''
  for (const character of text) {
    const upper = character.toUpperCase()
    const single = upper.length === 1 || [...upper].length === 1
    result += single ? upper : String.fromCodePoint(simpleUpper(character.codePointAt(0)!))
  }
  return result
}

/** Every character in lower case, each by itself (a final sigma is no special one). */
export function toLower(text: string): string {
  let result = ''
  // `İ` is the only character whose lower case is longer than one.
  for (const character of text) result += character === 'İ' ? 'i' : character.toLowerCase()
  return result
}
