/**
 * A queue on disk: numbered files of lines in a folder. The process that made the folder appends; the holder of its
 * lock reads, and deletes what has been delivered. Appending is synchronous, so that the last lines before a crash or
 * `process.exit()` are there too.
 */
import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  writeSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const syncData = promisify(fdatasync)

const SUFFIX = '.ndjson'

/** A file that is full is left to the reader, who deletes it as a whole. */
const FILE_BYTES = 16 * 1024 * 1024

export function queueFile(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(8, '0')}${SUFFIX}`)
}

/** The numbers of the files of a folder, ascending. */
export function queueFiles(folder: string): number[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b)
}

export class QueueWriter {
  readonly folder: string
  readonly #maxBytes: number
  #number = 0
  #fd: number
  #fileBytes = 0
  /** Sizes of the files that are there, by number. */
  readonly #sizes = new Map<number, number>()
  #total = 0
  /** Whether something was appended since the last sync. */
  #dirty = false
  #syncing: Promise<void> | undefined

  /** Makes the folder. Throws the system's error where that fails. */
  constructor(folder: string, maxBytes: number) {
    this.folder = folder
    this.#maxBytes = maxBytes
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#fd = this.#open(this.#number)
  }

  /** Whether `bytes` more go over the limit. */
  isFull(bytes: number): boolean {
    return this.#total + bytes > this.#maxBytes
  }

  /** Appends whole lines, all or none. Throws the system's error. */
  append(lines: Buffer): void {
    if (this.#fileBytes > 0 && this.#fileBytes + lines.length > FILE_BYTES) this.#next()
    try {
      for (let at = 0; at < lines.length;) at += writeSync(this.#fd, lines, at)
    } catch (error) {
      // A full disk: half a line would spoil the next one.
      ftruncateSync(this.#fd, this.#fileBytes)
      throw error
    }
    this.#fileBytes += lines.length
    this.#total += lines.length
    this.#sizes.set(this.#number, this.#fileBytes)
    this.#dirty = true
  }

  /** Resolves when everything appended so far would survive a power failure. */
  async sync(): Promise<void> {
    // One that runs may have begun before the last line.
    while (this.#syncing !== undefined) await this.#syncing
    if (!this.#dirty) return
    this.#dirty = false
    this.#syncing = syncData(this.#fd).finally(() => (this.#syncing = undefined))
    try {
      await this.#syncing
    } catch (error) {
      this.#dirty = true
      throw error
    }
  }

  /** The reader has done with every file before `number`. */
  async removeBefore(number: number): Promise<void> {
    for (const [old, size] of this.#sizes)
      if (old < number) {
        this.#sizes.delete(old)
        this.#total -= size
        await rm(queueFile(this.folder, old), { force: true })
      }
  }

  close(): void {
    closeSync(this.#fd)
  }

  #open(number: number): number {
    return openSync(queueFile(this.folder, number), 'a', 0o600)
  }

  // The sync of a moment later only sees the new file.
  #next(): void {
    const old = this.#fd
    fsyncSync(old)
    // Where that fails, nothing has changed.
    this.#fd = this.#open(this.#number + 1)
    this.#number++
    this.#fileBytes = 0
    void (this.#syncing ?? Promise.resolve()).catch(() => undefined).then(() => closeSync(old))
  }
}
