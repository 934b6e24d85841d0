/**
 * The entries of one label set, already encoded: encoded at once, an entry dies young; kept until its batch is sealed, it
 * survives two garbage collections, which used to take a third of all CPU time.
 *
 * They lie in chunks of one size, which go from push to push. Buffers that grow would mostly be the wrong ones for the
 * next stream, and those that are given up are freed only by a full garbage collection: 25 MiB a minute. Streams of a few
 * entries share a chunk: with a label of many values each has one entry, and a buffer for each takes longer to make than
 * the entry to write.
 */

interface Chunk {
  readonly bytes: Buffer
  readonly view: DataView
  /** Whether it is one of those that go from push to push. */
  readonly isKept: boolean
  /** Streams that have a part of it. */
  users: number
}

/** A part of a chunk. */
interface Piece {
  readonly chunk: Chunk
  readonly from: number
  readonly used: number
}

/** Entries are written into `chunk`, from `used` to `limit`; those written so far begin at `from`. */
export interface PushStream {
  /** `{a="b", c="d"}` */
  labels: string
  /** In UTF-8. */
  labelBytes: number
  chunk: Chunk
  from: number
  used: number
  limit: number
  /** The pieces before, and the bytes in them. */
  full: Piece[]
  before: number
  entries: number
}

const CHUNK_BYTES = 16 * 1024
const KEPT_CHUNKS = 256
/** A stream with more entries than one has this much at first, and a chunk of its own when it outgrows the other. */
const SECOND_BYTES = 256
const LAST_SMALL_BYTES = 2048
/** Objects of streams that later pushes use again. */
const KEPT_STREAMS = 16 * 1024
/** From here on Node's own copy, a call of 100 ns, is faster. */
const LONG = 256

const NOTHING = chunkOf(Buffer.alloc(0), false)
const NONE: Piece[] = []
const free: Chunk[] = []
const kept: PushStream[] = []
/** The chunk that several streams share, and how much of it they have. */
let shared = NOTHING
let sharedBytes = 0

export function pushStream(labels: string, labelBytes: number = Buffer.byteLength(labels)): PushStream {
  const stream = kept.pop()
  if (stream === undefined)
    return {
      labels,
      labelBytes,
      chunk: NOTHING,
      from: 0,
      used: 0,
      limit: 0,
      full: NONE,
      before: 0,
      entries: 0,
    }
  stream.labels = labels
  stream.labelBytes = labelBytes
  return stream
}

/** Counts `bytes` more as used, in one piece, which the caller then writes. Returns where they begin in the chunk. */
export function makeRoom(stream: PushStream, bytes: number): number {
  const start = stream.used
  if (start + bytes > stream.limit) return makeMore(stream, bytes)
  stream.used = start + bytes
  return start
}

function makeMore(stream: PushStream, bytes: number): number {
  const { chunk, from, used, limit } = stream
  const size = used - from
  if (limit - from < CHUNK_BYTES && size + bytes <= CHUNK_BYTES) {
    const length = size === 0 ? bytes : Math.max(size + bytes, 2 * (limit - from), SECOND_BYTES)
    if (length <= LAST_SMALL_BYTES) takePart(stream, length)
    else takeWhole(stream, keptChunk())
    const start = copyPiece({ chunk, from, used }, stream.chunk, stream.from)
    release(chunk)
    stream.used = start + bytes
    return start
  }
  if (size > 0) {
    if (stream.full === NONE) stream.full = []
    stream.full.push({ chunk, from, used })
    stream.before += size
  }
  takeWhole(stream, bytes > CHUNK_BYTES ? chunkOf(Buffer.allocUnsafeSlow(bytes), false) : keptChunk())
  stream.used = bytes
  return 0
}

/** Bytes of all entries. */
export function bytesOf({ before, from, used }: PushStream): number {
  return before + used - from
}

/** Copies all entries to `at`. Returns where they end. */
export function copyEntries(stream: PushStream, to: Pick<Chunk, 'bytes' | 'view'>, at: number): number {
  let end = at
  for (const piece of stream.full) end = copyPiece(piece, to, end)
  return copyPiece(stream, to, end)
}

/** The stream has been copied, and its object is given up: others get both. */
export function releaseStream(stream: PushStream): void {
  for (const { chunk } of stream.full) release(chunk)
  release(stream.chunk)
  stream.full = NONE
  stream.chunk = NOTHING
  stream.from = stream.used = stream.limit = stream.before = stream.entries = 0
  if (kept.length < KEPT_STREAMS) kept.push(stream)
}

// Four bytes at a time: all of them stay what they are, as eight would not that are read as a double.
function copyPiece({ chunk, from, used }: Piece, to: Pick<Chunk, 'bytes' | 'view'>, at: number): number {
  const end = at + used - from
  if (used - from >= LONG) {
    chunk.bytes.copy(to.bytes, at, from, used)
    return end
  }
  const { bytes, view } = chunk
  const last = used - 4
  let i = from
  let k = at
  for (; i <= last; i += 4, k += 4) to.view.setInt32(k, view.getInt32(i, true), true)
  for (; i < used; i++, k++) to.bytes[k] = bytes[i]!
  return end
}

function takePart(stream: PushStream, length: number): void {
  if (sharedBytes + length > shared.bytes.length) {
    shared = keptChunk()
    sharedBytes = 0
  }
  shared.users++
  stream.chunk = shared
  stream.from = stream.used = sharedBytes
  stream.limit = sharedBytes += length
}

function takeWhole(stream: PushStream, chunk: Chunk): void {
  chunk.users++
  stream.chunk = chunk
  stream.from = stream.used = 0
  stream.limit = chunk.bytes.length
}

function release(chunk: Chunk): void {
  if (!chunk.isKept || --chunk.users > 0) return
  if (chunk === shared) sharedBytes = 0
  else if (free.length < KEPT_CHUNKS) free.push(chunk)
}

function keptChunk(): Chunk {
  return free.pop() ?? chunkOf(Buffer.allocUnsafeSlow(CHUNK_BYTES), true)
}

function chunkOf(bytes: Buffer, isKept: boolean): Chunk {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), isKept, users: 0 }
}
