/**
 * One content that a path has or had: its open file, how far it was read, how far acknowledged. A truncation starts a
 * new generation, a rename doesn't.
 */
import type { BigIntStats } from 'node:fs'
import type { GenerationPosition } from '../../disk/positions-format.ts'
import { encodingNamed, markOf, UTF8, type TextEncoding } from '../../intake/encoding.ts'
import { andThen } from './and-then.ts'
import { ANCHOR_BYTES, anchorOf, HEAD_BYTES, headHash } from './fingerprint.ts'
import { firstLineEnd, lastLineEnd, partEnd, SEGMENT_BYTES } from '../../intake/lines.ts'
import type { Partition } from '../../intake/partition.ts'
import type { OpenFile } from './open-file.ts'

/** Bytes per read, into a buffer that all files of a component share: two segments, which end with a line. */
const CHUNK_BYTES = 2 * SEGMENT_BYTES - 4096

/** A place in a generation: the offset and the anchor of the bytes before it. */
export interface Mark {
  readonly offset: number
  readonly anchor: number
  /** See `GenerationPosition.parts`. */
  readonly parts?: number
}

export const BEGINNING: Mark = { offset: 0, anchor: 0 }

/** The mark that a position stores. */
export function markIn({ offset, anchor, parts }: GenerationPosition): Mark {
  return parts === undefined ? { offset, anchor } : { offset, anchor, parts }
}

/** Bytes that were read: whole lines in [start, end), or a line without its end. */
export interface Chunk {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** The line in it has no end: it is too long, or is the last one of a file that is over. */
  readonly endless?: 'cut' | 'rest'
}

/** `end`: there isn't a whole line yet. `changed`: the bytes read before are gone, so this is another content. */
export type ReadResult = Chunk | 'end' | 'changed'

export function sharedBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(CHUNK_BYTES + ANCHOR_BYTES)
}

/** A change within so many milliseconds of another may leave the time of the last change as it is. */
const SAME_TIME_MS = 100

/** Births come from a coarser clock than changes: one may seem this many milliseconds older than an earlier change. */
export const SLACK_MS = 10

/** Returns a `since` that leaves out everything born at `bornMs`, give or take the clock, or before. */
export function justAfter(bornMs: number): number {
  return bornMs + SLACK_MS + 0.001
}

/** See `GenerationPosition.since`: what comes after a content is born after it, and after its last change. */
export function sinceOf(stats: BigIntStats): number {
  return Math.max(justAfter(birthMs(stats)), Number(stats.mtimeNs) / 1e6)
}

/** Returns the birth in milliseconds; 0 where the file system doesn't say. */
export function birthMs(stats: BigIntStats): number {
  return Number(stats.birthtimeNs) / 1e6
}

/** Returns the time of the last change; 0 for one so recent that the next could have the same. */
function settledChange({ mtimeNs }: BigIntStats): bigint {
  return Date.now() - Number(mtimeNs) / 1e6 > SAME_TIME_MS ? mtimeNs : 0n
}

/** Returns what tells a file from another one that gets its inode later. */
export function identityOf(stats: BigIntStats): string {
  return `${stats.ino} ${stats.birthtimeNs}`
}

const EMPTY_HASH = headHash(new Uint8Array(0))

export interface GenerationOptions {
  readonly encoding: TextEncoding
  /** A longer line is read in parts. */
  readonly maxLineBytes: number
  /** Where reading begins; the start if left out. */
  readonly mark?: Mark
}

export class Generation {
  device: string
  inode: string
  identity: string
  /**
   * When its file was last changed, at the last time that its bytes were compared with what was read; 0 if it may have
   * been changed since then without a trace.
   */
  modified: bigint
  /** When its file was born, in milliseconds; 0 if the file system doesn't say. */
  born: number
  /** `undefined` when nothing more is read from it. */
  handle: OpenFile | undefined
  /** As last seen. */
  size: number
  /** The last of those sizes at which the bytes before the mark were still the ones that had been read. */
  confirmed = 0
  /** See `GenerationPosition.since`. */
  since: number
  /** How far it was handed on; `acked` is how far it was acknowledged. */
  mark: Mark
  acked: Mark
  partition: Partition<Mark> | undefined
  encoding: TextEncoding
  /** When it was moved away from its path, or last grew after that, on the context's clock. */
  rotatedAt: number | undefined = undefined
  /** It came after others, and nothing of it was handed on: something may have come between. */
  follows = false
  /** Its file held another content before, and may begin with a hole where that was. */
  truncated = false
  #head = 0
  #hash = EMPTY_HASH
  /** Bytes after `mark` that are known not to hold a line feed. */
  #pending = 0
  readonly #named: TextEncoding
  readonly #maxLineBytes: number

  constructor(
    handle: OpenFile,
    stats: BigIntStats,
    { encoding, maxLineBytes, mark = BEGINNING }: GenerationOptions,
  ) {
    this.handle = handle
    this.#maxLineBytes = maxLineBytes
    this.device = String(stats.dev)
    this.inode = String(stats.ino)
    this.identity = identityOf(stats)
    this.born = birthMs(stats)
    this.size = Number(stats.size)
    this.since = sinceOf(stats)
    this.modified = settledChange(stats)
    this.mark = mark
    this.acked = mark
    this.encoding = encoding
    this.#named = encoding
  }

  /** What the positions file keeps. */
  get position(): GenerationPosition {
    return this.#positionAt(this.acked)
  }

  /** As `position`, with what was read in place of what was acknowledged. */
  get reached(): GenerationPosition {
    return this.#positionAt(this.mark)
  }

  #positionAt(mark: Mark): GenerationPosition {
    const { device, inode, born, size, since } = this
    return { device, inode, born, head: this.#head, hash: this.#hash, ...mark, size, since }
  }

  /** Everything handed on has been acknowledged, and nothing more will be read. */
  get over(): boolean {
    return this.handle === undefined && this.acked.offset === this.mark.offset
  }

  /** Bytes after the last line end that was found. */
  get pending(): number {
    return this.#pending
  }

  /** Whether there are bytes that haven't been looked at. */
  get hasMore(): boolean {
    return this.handle !== undefined && this.size > this.mark.offset + this.#pending
  }

  isFile(stats: BigIntStats): boolean {
    return this.handle !== undefined && this.inode === String(stats.ino) && this.device === String(stats.dev)
  }

  /** Continues in another file, which holds the same bytes up to the mark. */
  async rebind(handle: OpenFile, stats: BigIntStats): Promise<void> {
    this.handle = handle
    this.device = String(stats.dev)
    this.inode = String(stats.ino)
    this.identity = identityOf(stats)
    this.born = birthMs(stats)
    this.size = Number(stats.size)
    this.modified = settledChange(stats)
    this.#pending = 0
    this.#takeHead(await this.#readHead())
  }

  /** Reads what a generation that starts in the middle needs to know: its head, and the encoding named there. */
  prepare(): void | Promise<void> {
    return andThen(this.#readHead(), (head) => {
      this.#takeHead(head)
      if (this.mark.offset > 0) this.#obeyMark(head, 0, head.length)
    })
  }

  /** Reads on from the mark, into `buffer` (see `sharedBuffer`) or, for a longer line, into one of its own. */
  read(buffer: Buffer): ReadResult | Promise<ReadResult> {
    if (this.handle === undefined) return 'end'
    if (this.#pending > CHUNK_BYTES / 2) return this.#readLong(buffer)
    const before = Math.min(ANCHOR_BYTES, this.mark.offset)
    const expected = this.size - this.mark.offset
    const reading = this.handle.read(buffer, this.mark.offset - before, expected)
    return andThen(reading, (bytesRead) => this.#take(buffer, before, bytesRead))
  }

  // Of what was read, as many bytes as `before` come before the mark.
  #take(buffer: Buffer, before: number, bytesRead: number): ReadResult | Promise<ReadResult> {
    if (bytesRead < before || anchorOf(buffer, before) !== this.mark.anchor) return 'changed'
    this.confirmed = this.size
    const start = this.#skipByteOrderMark(buffer, before, bytesRead)
    const end = lastLineEnd(buffer, start, bytesRead, this.encoding)
    this.#pending = bytesRead - before
    const result = (): ReadResult | Promise<ReadResult> => {
      if (end > start) return { bytes: buffer, start, end }
      return bytesRead === buffer.length ? this.#readLong(buffer) : 'end'
    }
    if (this.mark.offset === 0) this.#takeHead(buffer.subarray(0, Math.min(HEAD_BYTES, bytesRead)))
    else if (this.#head < HEAD_BYTES && this.mark.offset + this.#pending >= this.#head * 2)
      return this.#growHead().then(result)
    return result()
  }

  /** Reads what follows the last line end, once the file isn't written any more. */
  async readRest(): Promise<ReadResult> {
    return this.#pending === 0 ? 'end' : await this.#readWhole(this.#pending, 'rest')
  }

  /** Whether the file still holds what was read of it: the same first bytes, the same bytes before the mark. */
  async holds(): Promise<boolean> {
    return this.handle !== undefined && (await holdsPosition(this.handle, this.reached))
  }

  /** Where in a chunk the mark is: before its first line, and before a byte order mark that it skips. */
  before(chunk: Chunk): number {
    return this.mark.offset > 0 ? chunk.start : 0
  }

  /** Moves the mark, which is at `from` in a chunk, to `to`. Returns it. */
  advance(chunk: Chunk, from: number, to: number): Mark {
    const mark = { offset: this.mark.offset + to - from, anchor: anchorOf(chunk.bytes, to) }
    this.mark = chunk.endless === 'cut' ? { ...mark, parts: this.nextPart(chunk) } : mark
    this.#pending = Math.max(0, this.#pending - (to - from))
    return this.mark
  }

  /** Which part of a cut line is at the mark, in a chunk that was read there; 0: none. */
  nextPart(chunk: Chunk): number {
    const { parts = 0 } = this.mark
    return parts > 0 || chunk.endless === 'cut' ? parts + 1 : 0
  }

  /** Skips what is before a mark. */
  startAt(mark: Mark): void {
    this.mark = mark
    this.acked = mark
    this.#pending = 0
  }

  /** Nothing more is read. */
  async close(): Promise<void> {
    const { handle } = this
    this.handle = undefined
    await handle?.close().catch(() => {})
  }

  // A line that doesn't fit into the buffer: finds its end first, then reads all of it.
  async #readLong(buffer: Buffer): Promise<ReadResult> {
    const { unit } = this.encoding
    for (;;) {
      const scanned = this.#pending - (this.#pending % unit)
      const bytesRead = await this.handle!.read(buffer, this.mark.offset + scanned)
      const found = firstLineEnd(buffer, 0, bytesRead, this.encoding)
      if (found >= 0) return await this.#readWhole(scanned + found)
      this.#pending = Math.max(this.#pending, scanned + bytesRead)
      if (this.#pending >= this.#maxLineBytes) return await this.#readWhole(this.#maxLineBytes, 'cut')
      if (bytesRead < buffer.length) return 'end'
    }
  }

  async #readWhole(length: number, endless?: 'cut' | 'rest'): Promise<ReadResult> {
    if (this.handle === undefined) return 'end'
    const before = Math.min(ANCHOR_BYTES, this.mark.offset)
    const bytes = Buffer.allocUnsafeSlow(before + length)
    const bytesRead = await this.handle.read(bytes, this.mark.offset - before)
    if (bytesRead < bytes.length || anchorOf(bytes, before) !== this.mark.anchor) return 'changed'
    const start = this.#skipByteOrderMark(bytes, before, bytesRead)
    const end = endless === 'cut' ? partEnd(bytes, start, bytesRead, this.encoding) : bytesRead
    return { bytes, start, end, endless }
  }

  #skipByteOrderMark(bytes: Buffer, start: number, end: number): number {
    return this.mark.offset > 0 ? start : start + this.#obeyMark(bytes, start, end)
  }

  #obeyMark(bytes: Buffer, start: number, end: number): number {
    const mark = markOf(bytes, start, end)
    if (mark === undefined) this.encoding = this.#named
    else if (mark.encoding === 'utf-8') this.encoding = UTF8
    else if (mark.encoding !== this.encoding.name) this.encoding = encodingNamed(mark.encoding)
    return mark?.length ?? 0
  }

  // As a file grows, more of its first bytes identify it, provided they are still the same.
  async #growHead(): Promise<void> {
    const bytes = await this.#readHead()
    if (bytes.length > this.#head && headHash(bytes.subarray(0, this.#head)) === this.#hash)
      this.#takeHead(bytes)
  }

  #takeHead(bytes: Buffer): void {
    this.#head = bytes.length
    this.#hash = headHash(bytes)
  }

  #readHead(): Buffer | Promise<Buffer> {
    const head = Buffer.allocUnsafe(HEAD_BYTES)
    return andThen(this.handle!.read(head, 0), (bytesRead) => head.subarray(0, bytesRead))
  }
}

/**
 * Whether a file has the inode number of a position's, but was born at another time: the number was reused,
 * and this file is still unread. A birth time equal to the last change proves nothing: file systems that don't record
 * births return that.
 */
export function isReborn(position: GenerationPosition, stats: BigIntStats): boolean {
  if (position.inode !== String(stats.ino) || stats.birthtimeNs === stats.ctimeNs) return false
  const [then, now] = [position.born ?? 0, birthMs(stats)]
  return then > 0 && now > 0 && then !== now
}

/** Whether an open file holds the content that a position was taken in: same head, same bytes before the offset. */
export async function holdsPosition(handle: OpenFile, position: GenerationPosition): Promise<boolean> {
  const head = Buffer.allocUnsafe(position.head)
  if ((await handle.read(head, 0)) < head.length || headHash(head) !== position.hash) return false
  const bytes = Buffer.allocUnsafe(Math.min(ANCHOR_BYTES, position.offset))
  if ((await handle.read(bytes, position.offset - bytes.length)) < bytes.length) return false
  return anchorOf(bytes, bytes.length) === position.anchor
}
