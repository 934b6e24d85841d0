/**
 * A writer that doesn't append (without O_APPEND) writes on at its old offset after a truncation. That leaves a hole,
 * which reads as NUL bytes and isn't part of any line.
 */
import { anchorOf } from './fingerprint.ts'
import type { Generation } from './generation.ts'

/** Moves the mark of a truncated file past the NUL bytes that it begins with. */
export async function skipHole(generation: Generation, buffer: Buffer): Promise<void> {
  for (let at = 0; ;) {
    const bytesRead = await generation.handle!.read(buffer, at)
    const text = buffer.subarray(0, bytesRead).findIndex((byte) => byte !== 0)
    at += text < 0 ? bytesRead : text
    // Only NUL bytes so far: the rest may be on its way.
    if (text < 0 && bytesRead < buffer.length) return
    if (text < 0) continue
    generation.truncated = false
    if (at > 0) generation.startAt({ offset: at, anchor: anchorOf(new Uint8Array(64), Math.min(64, at)) })
    return
  }
}
