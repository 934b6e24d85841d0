/** Texts in quotes as Go's strconv.Quote prints them. */

const named: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

function escaped(character: string, quote: string, ascii: boolean): string {
  if (character === quote) return `\\${quote}`
  const name = named[character]
  if (name !== undefined) return name
  const code = character.codePointAt(0)!
  if (code < 0x7f ? code >= 0x20 : !ascii && /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character))
    return character
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\U${code.toString(16).padStart(8, '0')}`
}

/** `text` between `quote`s, with Go's escapes; `ascii` also escapes everything that is not ASCII. */
export function goQuote(text: string, quote: '"' | "'" = '"', ascii = false): string {
  let result = quote as string
  for (const character of text) result += escaped(character, quote, ascii)
  return result + quote
}

/** Whether Go would put the text between backticks unchanged. */
export function canBackquote(text: string): boolean {
  // The tab is the one control character that may stand there.
  return !/[\0-\x08\x0a-\x1f`\x7f\ufeff\p{Surrogate}]/u.test(text)
}
