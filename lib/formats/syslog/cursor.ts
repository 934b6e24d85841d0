/** A place in a syslog text that advances as parts of it are read; the first mismatch stops it. */

export interface Cursor {
  readonly text: string
  at: number
  /** What was expected where the text didn't match; nothing more is read then. */
  expected: string | undefined
}

export function fail(cursor: Cursor, expected: string): undefined {
  cursor.expected ??= expected
  return undefined
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Moves past `char`, or fails. */
export function expectChar(cursor: Cursor, char: string): void {
  if (cursor.expected !== undefined) return
  if (cursor.text[cursor.at] === char) cursor.at++
  else fail(cursor, char === ' ' ? 'a space' : `"${char}"`)
}

export function skipSpaces(cursor: Cursor): void {
  while (cursor.text.charCodeAt(cursor.at) === 32) cursor.at++
}

/** Returns where a run of printable ASCII characters without spaces ends. */
export function graphEnd(text: string, from: number): number {
  let at = from
  for (let code = text.charCodeAt(at); code > 32 && code < 127; code = text.charCodeAt(++at));
  return at
}

/**
 * The value of `<PRI>`, 0 to 191 without leading zeros.
 *
 *     PRI    = "<" PRIVAL ">"
 *     PRIVAL = "0" | ( "1".."9" { DIGIT } )      (* at most 191 *)
 */
export function readPriority(cursor: Cursor): number {
  const { text } = cursor
  if (text.charCodeAt(0) !== 60) fail(cursor, 'a priority as "<13>" at the start')
  const close = text.indexOf('>', 1)
  let value = 0
  for (let at = 1; at < close && value < 192; at++) {
    const code = text.charCodeAt(at)
    value = isDigit(code) && (at === 1 || value > 0) ? value * 10 + code - 48 : 192
  }
  if (close < 2 || close > 4 || value > 191) {
    fail(cursor, 'a priority from <0> to <191>')
    return 0
  }
  cursor.at = close + 1
  return value
}
