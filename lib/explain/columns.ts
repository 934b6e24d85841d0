/** Columns of a terminal: what a line takes up on the screen, so that carets point at what they mean. */

// East Asian wide and full-width characters (https://www.unicode.org/reports/tr11/), and pictures.
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})$/u
// Characters drawn over the one before, or not drawn.
const NONE = /^[\p{Mn}\p{Me}\p{Cf}]$/u

/** Blanks as wide as the text. Tabs stay tabs: the line below moves to the same stop. */
export function blanksFor(text: string): string {
  let blanks = ''
  for (const character of text) blanks += character === '\t' ? '\t' : ' '.repeat(columnsOf(character))
  return blanks
}

/** Carets as wide as the text, at least one. */
export function caretsFor(text: string): string {
  let columns = 0
  for (const character of text) columns += character === '\t' ? 1 : columnsOf(character)
  return '^'.repeat(Math.max(1, columns))
}

/**
 * Text of a log as it can be shown on a terminal: control characters other than tabs, and characters that turn the
 * direction of their neighbours (Unicode's bidirectional algorithm, https://www.unicode.org/reports/tr9/), become one
 * visible character.
 */
export function visible(text: string): string {
  return text.replace(/[^\P{Cc}\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\u{fffd}')
}

function columnsOf(character: string): number {
  if (character < '\u0300') return 1
  if (WIDE.test(character)) return 2
  return NONE.test(character) ? 0 : 1
}
