/**
 * Whether a file is still the one that was read: told by a hash of its first bytes, and by a cheap hash of the bytes
 * right before an offset (its anchor), which every read checks.
 */
import crypto from 'node:crypto'

/** First bytes that identify a file; as many as Alloy compares. */
export const HEAD_BYTES = 1024

/** Bytes before an offset that its anchor covers. */
export const ANCHOR_BYTES = 64

/** Returns the first 16 hex digits of SHA-256. */
export function headHash(bytes: Uint8Array): string {
  return sha256(bytes).slice(0, 16)
}

// In one go, without an object for each of thousands of files, where Node can (20.12).
const sha256 =
  'hash' in crypto
    ? (bytes: Uint8Array): string => crypto.hash('sha256', bytes)
    : (bytes: Uint8Array): string => crypto.createHash('sha256').update(bytes).digest('hex')

/** Returns FNV-1a (32 bits) of the up to 64 bytes before `end`; 0 at the start. */
export function anchorOf(bytes: Uint8Array, end: number): number {
  if (end === 0) return 0
  let hash = 0x811c9dc5
  for (let i = Math.max(0, end - ANCHOR_BYTES); i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash >>> 0
}
