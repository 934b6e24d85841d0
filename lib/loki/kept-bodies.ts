/**
 * Memory for the bodies of pushes, which is used again. A body is in use for so long that garbage collections take it for
 * old; new memory for each would be freed at the next full collection only, which with little other garbage came after
 * 40 MiB.
 */

/** Bytes that wait for another body: those of a few pushes. */
const KEPT_BYTES = 4 * 1024 * 1024
/** Smaller bodies aren't worth it, and neither is much more memory than a body has bytes: many may wait. */
const SMALLEST = 32 * 1024
const STEP = 16 * 1024

const own = new WeakSet<ArrayBufferLike>()
const free: Buffer[] = []
let freeBytes = 0

/** Returns a copy of the bytes, in memory that `releaseBody` gives to others. The bytes themselves if they are few. */
export function keptBody(bytes: Buffer): Buffer {
  if (bytes.length < SMALLEST) return bytes
  const memory = taken(bytes.length)
  memory.set(bytes)
  return memory.subarray(0, bytes.length)
}

/**
 * The push with the body has been accepted. What a server hasn't read of it by then, if it accepts without reading, may
 * be overwritten. Other bodies than those of `keptBody` are left alone.
 */
export function releaseBody({ buffer }: Buffer): void {
  if (!own.has(buffer) || free.some((memory) => memory.buffer === buffer)) return
  free.push(Buffer.from(buffer))
  freeBytes += buffer.byteLength
  // The oldest have not fitted for the longest.
  while (freeBytes > KEPT_BYTES) freeBytes -= free.shift()!.length
}

function taken(length: number): Buffer {
  const at = free.findIndex((memory) => memory.length >= length && memory.length <= 2 * length)
  if (at < 0) {
    const memory = Buffer.allocUnsafeSlow(Math.ceil(length / STEP) * STEP)
    own.add(memory.buffer)
    return memory
  }
  const [memory] = free.splice(at, 1) as [Buffer]
  freeBytes -= memory.length
  return memory
}
