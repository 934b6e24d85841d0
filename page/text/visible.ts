/** Characters that would change how their neighbours look or say nothing at all, made visible. */

// Control characters but tab and line ends, soft hyphens, directional marks and overrides, zero-width ones, and tags.
const HIDDEN =
  /[\0-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu

/** The text with a symbol for each control character and `‹U+202E›` for each character that plays with the others. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (char) => {
    const code = char.codePointAt(0)!
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    if (code === 0x7f) return '\u2421'
    return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`
  })
}
