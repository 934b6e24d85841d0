/**
 * The entries of one label set, already encoded: encoded at once, an entry dies young; kept until its batch is sealed, it
 * survives two garbage collections, which used to take a third of all CPU time.
 *
 * They lie in chunks of one size, which go from push to push. Buffers that grow would mostly be the wrong ones for the
 * next stream, and those that are given up are freed only by a full garbage collection: 25 MiB a minute.
 */

interface Chunk {
  readonly bytes: Buffer
  readonly view: DataView
  /** Whether it is one of those that go from push to push. */
  readonly isShared: boolean
}

/** Entries are written into `chunk`, after its first `used` bytes. */
export interface PushStream {
  /** `{a="b", c="d"}` */
  readonly labels: string
  chunk: Chunk
  used: number
  /** The chunks before it, and the bytes in them. */
  full: { readonly chunk: Chunk; readonly used: number }[]
  before: number
  entries: number
}

const CHUNK_BYTES = 16 * 1024
const KEPT_CHUNKS = 256
// With a label of many values each stream has one entry: the first buffers must be small, and come from Node's pool.
const FIRST_BYTES = 256
const LAST_SMALL_BYTES = 2048

const NOTHING = chunkOf(Buffer.alloc(0))
const NONE: PushStream['full'] = []
const free: Chunk[] = []

export function pushStream(labels: string): PushStream {
  return { labels, chunk: NOTHING, used: 0, full: NONE, before: 0, entries: 0 }
}

/** Counts `bytes` more as used, in one piece, which the caller then writes. Returns where they begin in the chunk. */
export function makeRoom(stream: PushStream, bytes: number): number {
  const start = stream.used
  if (start + bytes > stream.chunk.bytes.length) return makeMore(stream, bytes)
  stream.used = start + bytes
  return start
}

function makeMore(stream: PushStream, bytes: number): number {
  const { chunk, used } = stream
  const end = used + bytes
  if (chunk.bytes.length < CHUNK_BYTES && end <= CHUNK_BYTES) {
    const length = Math.max(end, 2 * chunk.bytes.length, FIRST_BYTES)
    stream.chunk = length <= LAST_SMALL_BYTES ? chunkOf(Buffer.allocUnsafe(length)) : sharedChunk()
    chunk.bytes.copy(stream.chunk.bytes, 0, 0, used)
    stream.used = end
    return used
  }
  if (used > 0) {
    if (stream.full === NONE) stream.full = []
    stream.full.push({ chunk, used })
    stream.before += used
  }
  stream.chunk = bytes > CHUNK_BYTES ? chunkOf(Buffer.allocUnsafeSlow(bytes)) : sharedChunk()
  stream.used = bytes
  return 0
}

/** Bytes of all entries. */
export function bytesOf({ before, used }: PushStream): number {
  return before + used
}

/** Copies all entries to `at`. Returns where they end. */
export function copyEntries({ full, chunk, used }: PushStream, to: Buffer, at: number): number {
  let end = at
  for (const part of full) end += part.chunk.bytes.copy(to, end, 0, part.used)
  return end + chunk.bytes.copy(to, end, 0, used)
}

/** The stream has been copied: others get its chunks. */
export function releaseStream(stream: PushStream): void {
  for (const { chunk } of stream.full) release(chunk)
  release(stream.chunk)
  stream.full = NONE
  stream.chunk = NOTHING
  stream.before = stream.used = 0
}

function release(chunk: Chunk): void {
  if (chunk.isShared && free.length < KEPT_CHUNKS) free.push(chunk)
}

function sharedChunk(): Chunk {
  return free.pop() ?? chunkOf(Buffer.allocUnsafeSlow(CHUNK_BYTES), true)
}

function chunkOf(bytes: Buffer, isShared = false): Chunk {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), isShared }
}
