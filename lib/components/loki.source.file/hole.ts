/**
 * A writer that does not append (no O_APPEND) goes on at its old offset after a truncation, and leaves a hole that
 * reads as NUL bytes. It is no line of anybody's.
 */
import { anchorOf } from './fingerprint.ts'
import type { Generation } from './generation.ts'

/** Moves the mark of a truncated file behind the NUL bytes it begins with. */
export async function skipHole(generation: Generation, buffer: Buffer): Promise<void> {
  for (let at = 0; ;) {
    const { bytesRead } = await generation.handle!.read(buffer, 0, buffer.length, at)
    const text = buffer.subarray(0, bytesRead).findIndex((byte) => byte !== 0)
    at += text < 0 ? bytesRead : text
    // Nothing but NUL bytes so far: the rest may be on its way.
    if (text < 0 && bytesRead < buffer.length) return
    if (text < 0) continue
    generation.truncated = false
    if (at > 0) generation.startAt({ offset: at, anchor: anchorOf(new Uint8Array(64), Math.min(64, at)) })
    return
  }
}
