/** What the grammar uses of `node:buffer`, for browsers; the bundler puts it in that module's place. */

class Bytes extends Uint8Array {
  override toString(_encoding = 'utf8', start = 0, end = this.length): string {
    return new TextDecoder().decode(this.subarray(start, end))
  }
}

export const Buffer = {
  byteLength: (text: string): number => new TextEncoder().encode(text).length,
  from: (source: string | ArrayBuffer, offset?: number, length?: number): Uint8Array =>
    typeof source === 'string' ? new TextEncoder().encode(source) : new Bytes(source, offset, length),
}

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
