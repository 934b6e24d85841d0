/** Base64 as RFC 4648 has it, with its padding. */

/** Returns the bytes, or `undefined` for what isn't base64: Node's decoder passes over that, and makes bytes of any text. */
export function decodeBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return Buffer.from(text, 'base64')
}
