/** Quoted texts as Go's strconv package writes and reads them: label sets, log lines of our own and templates show them. */

/** Everything that Go prints as it is: letters, marks, numbers, punctuation, symbols and the plain blank. */
const plain = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u
const notPlain = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]|["\\]/gu
const ascii = /^[ !#-[\]-~]*$/

const shortEscapes: Record<string, string | undefined> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
}

function escape(letter: string): string {
  const short = shortEscapes[letter]
  if (short !== undefined) return short
  const code = letter.codePointAt(0) ?? 0
  // Half of a surrogate pair is no character: UTF-8 has the replacement character for it.
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd'
  const hex = code.toString(16)
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, '0')}`
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** The text in double quotes, escaped as by `strconv.Quote`: what is not printable is escaped, UTF-8 letters stay. */
export function quote(text: string): string {
  if (ascii.test(text)) return `"${text}"`
  if (plain.test(text) && !text.includes('"') && !text.includes('\\')) return `"${text}"`
  return `"${text.replace(notPlain, escape)}"`
}

const letters: Record<string, string | undefined> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

const escapeSequence = /\\(?:([abfnrtv\\'"])|x([\da-fA-F]{2})|([0-7]{3})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/y

/** The bytes of one escape sequence, or undefined where it is none. `\'` and `\"` are allowed in their own quotes only. */
function escapeBytes(match: RegExpExecArray, mark: string): Buffer | undefined {
  const [, letter, hex, octal, short, long] = match
  if (letter === "'" || letter === '"') return letter === mark ? Buffer.from(letter) : undefined
  if (letter !== undefined) return Buffer.from(letters[letter] ?? '')
  if (hex !== undefined) return Buffer.from(hex, 'hex')
  if (octal !== undefined) {
    const byte = Number.parseInt(octal, 8)
    return byte > 255 ? undefined : Buffer.of(byte)
  }
  const code = Number.parseInt(short ?? long ?? '', 16)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  return Buffer.from(String.fromCodePoint(code))
}

function unescape(text: string, mark: string): string | undefined {
  const parts: Buffer[] = []
  let at = 0
  while (at < text.length) {
    const next = text.indexOf('\\', at)
    const end = next < 0 ? text.length : next
    parts.push(Buffer.from(text.slice(at, end)))
    if (next < 0) break
    escapeSequence.lastIndex = next
    const match = escapeSequence.exec(text)
    const bytes = match === null ? undefined : escapeBytes(match, mark)
    if (bytes === undefined) return undefined
    parts.push(bytes)
    at = escapeSequence.lastIndex
  }
  return Buffer.concat(parts).toString()
}

/**
 * The text inside of double or single quotes or backticks, with Go's escapes; undefined where it is not well formed. Bytes
 * written as `\xff` that are no UTF-8 become the replacement character.
 */
export function unquote(quoted: string): string | undefined {
  const mark = quoted[0] ?? ''
  if (quoted.length < 2 || quoted.at(-1) !== mark) return undefined
  const text = quoted.slice(1, -1)
  if (mark === '`') return text.includes('`') ? undefined : text.replaceAll('\r', '')
  if ((mark !== '"' && mark !== "'") || text.includes('\n')) return undefined
  if (!text.includes('\\')) return text.includes(mark) ? undefined : text
  // A mark that is not behind a backslash ends the text early; after an even number of them it stands alone.
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === mark) return undefined
  }
  return unescape(text, mark)
}
