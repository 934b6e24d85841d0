/** Lengths and cuts in UTF-8 bytes, which Go counts, of texts that are UTF-16 here; without encoding them where it can be avoided. */

/** Whether a text has more than `limit` bytes in UTF-8. */
export function longerThan(text: string, limit: number): boolean {
  // A UTF-16 unit takes one to three bytes, so mostly the length decides.
  if (text.length > limit) return true
  return text.length * 3 > limit && Buffer.byteLength(text) > limit
}

/**
 * The first `limit` bytes of a text. A character cut in two leaves one U+FFFD, as where its bytes are decoded
 * later.
 */
export function cutBytes(text: string, limit: number): string {
  if (!longerThan(text, limit)) return text
  return Buffer.from(text).subarray(0, Math.max(0, limit)).toString('utf8')
}
