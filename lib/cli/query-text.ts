/** Text of others on a terminal. */

/** Control characters would break the columns, or talk to the terminal. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (letter) =>
    letter === '\t' ? ' ' : `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
