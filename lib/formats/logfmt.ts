/** Reads logfmt, `level=info msg="order placed"`, exactly as the go-logfmt package does. */

type PairHandler = (key: string, value: string) => void

const quoteMark = 34
const equals = 61
const backslash = 92

const escapes: Record<string, string | undefined> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  "'": "'",
  '/': '/',
  '\\': '\\',
}

const escapeSequence = /\\(?:u([\da-fA-F]{4})|([bfnrt"'/\\]))/y

/** The text between the quotes with its JSON-like escapes resolved; undefined for an invalid escape. */
function unescape(text: string): string | undefined {
  let result = ''
  let at = 0
  for (let next = text.indexOf('\\'); next >= 0; next = text.indexOf('\\', at)) {
    escapeSequence.lastIndex = next
    const match = escapeSequence.exec(text)
    if (match === null) return undefined
    const [, code, letter = ''] = match
    result += text.slice(at, next)
    result += code === undefined ? escapes[letter] : String.fromCharCode(Number.parseInt(code, 16))
    at = escapeSequence.lastIndex
  }
  result += text.slice(at)
  return /\p{Cs}/u.test(result) ? replaceLoneSurrogates(result) : result
}

/** An escaped half of a surrogate pair reads as the replacement character. */
function replaceLoneSurrogates(text: string): string {
  return text.replaceAll(/\p{Cs}/gu, '\ufffd')
}

/** Where the quoted value that opens at `open` closes, or -1. */
function closingQuote(text: string, open: number, end: number): number {
  for (let at = open + 1; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === quoteMark) return at
    if (code === backslash) at++
  }
  return -1
}

/** Where the key that starts here ends; -1 for a missing key or one with a quote in it. */
function keyEnd(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === quoteMark) return -1
    if (code === equals) return at === start ? -1 : at
    if (code <= 32) return at
  }
  return end
}

/** Where the bare value that starts here ends; -1 if a quote or an equals sign is in it. */
function valueEnd(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code <= 32) return at
    if (code === equals || code === quoteMark) return -1
  }
  return end
}

/** The text in quotes from `open` to `close`; undefined if it isn't well formed. */
function quotedValue(text: string, open: number, close: number): string | undefined {
  const raw = text.slice(open + 1, close)
  if (!raw.includes('\\')) return raw
  // Control characters are let through, but not in a value that has escapes.
  return /[\0-\x1f]/.test(raw) ? undefined : unescape(raw)
}

/** Reads one line; true if it was well formed to its end. */
// line = { blank } { pair { blank } }   pair = key [ "=" [ value | quoted ] ]
function parseLine(text: string, start: number, end: number, onPair: PairHandler): boolean {
  let at = start
  for (;;) {
    while (at < end && text.charCodeAt(at) <= 32) at++
    if (at >= end) return true
    const keyStart = at
    at = keyEnd(text, keyStart, end)
    if (at < 0) return false
    const key = text.slice(keyStart, at)
    if (key.includes('\ufffd')) return false
    if (at < end && text.charCodeAt(at) === equals) at++
    const valueStart = at
    if (at < end && text.charCodeAt(at) === quoteMark) {
      const close = closingQuote(text, at, end)
      const value = close < 0 ? undefined : quotedValue(text, at, close)
      if (value === undefined) return false
      onPair(key, value)
      at = close + 1
    } else {
      at = valueEnd(text, valueStart, end)
      if (at < 0) return false
      onPair(key, text.slice(valueStart, at))
    }
  }
}

/**
 * Calls `onPair` for each pair of a logfmt text, in order. A key alone has the value ''; every control character and blank
 * separates pairs; lines are read one after the other. Returns false at the first syntax error (an unclosed quote, a
 * quote or `=` inside a bare value, a missing key, a bad escape): the pairs before it have been reported, the rest isn't
 * read.
 */
export function parseLogfmt(text: string, onPair: PairHandler): boolean {
  let start = 0
  while (start < text.length) {
    const feed = text.indexOf('\n', start)
    const end = feed < 0 ? text.length : feed
    if (!parseLine(text, start, end, onPair)) return false
    start = end + 1
  }
  return true
}
