/** Texts in the query of a URL. */
import { toBytes } from './strings/bytes.ts'

/** url.QueryEscape: a space is `+`, and all but RFC 3986's unreserved characters are percent-encoded. */
export function queryEscape(text: string): string {
  if (/^[\w.~-]*$/.test(text)) return text
  return Array.from(toBytes(text), (byte) => {
    const char = String.fromCharCode(byte)
    if (/[\w.~-]/.test(char)) return char
    return byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}
