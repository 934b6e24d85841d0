/**
 * Texts that are too long for the database, in files beside it. DuckDB works on 2,048 values at a time and rewrites up to
 * 122,880 rows at a checkpoint, so 3,500 lines of 200 kB need more memory than it may have, while with values of at most
 * 4 KiB it needs 8 MiB. The column then holds a reference: U+FDD0, file, offset, bytes and hash.
 *
 *   long/000001.bin   texts in UTF-8, one after the other
 */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isPassing } from '../disk/disk-failure.ts'
import { syncFolder } from '../disk/sync-folder.ts'
import { writeAt } from '../disk/write-at.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'

/** UTF-16 units. */
const LONGEST_VALUE = 4096
/** A file of this size is followed by another, so that retention frees space in steps. */
const FILE_BYTES = 64 * 1024 * 1024
const MARK = '\ufdd0'
const REFERENCE = /^\ufdd0(\d+\.bin):(\d+):(\d{1,10}):([\da-f]{16})$/

/** Whether the column `line` holds a reference. */
export const IS_LONG = 'starts_with(line, chr(64976))'
/** Holds for no reference, nor for the few lines that begin with a higher letter: five times as fast. */
export const BEFORE_LONG = 'line < chr(64976)'
/** The bytes of a line in UTF-8, wherever it is. */
export const LINE_BYTES = `CASE WHEN ${IS_LONG} THEN CAST(split_part(line, ':', 3) AS BIGINT) ELSE strlen(line) END`

/** What waits to be written, by file. */
interface Pending {
  readonly file: string
  readonly start: number
  readonly parts: Buffer[]
}

export class LongTexts {
  readonly #folder: string
  readonly #log: Logger
  readonly #files: Set<string>
  readonly #readers = new Map<string, number>()
  readonly #damaged = new Set<string>()
  #last: number
  /** The file that grows and its size, what waits included. */
  #current = { file: '', size: FILE_BYTES }
  #pending: Pending[] = []

  private constructor(folder: string, log: Logger, files: readonly string[]) {
    this.#folder = folder
    this.#log = log
    this.#files = new Set(files)
    this.#last = Math.max(0, ...files.map((file) => Number.parseInt(file, 10)))
  }

  /** Opens the files in a store's folder; `listed` are those that sealed files refer to, on the disk or not. */
  static async open(path: string, log: Logger, listed: readonly string[] = []): Promise<LongTexts> {
    const folder = join(path, 'long')
    await mkdir(folder, { recursive: true })
    const found = await readdir(folder)
    // Of downloads that were killed.
    for (const file of found) if (file.endsWith('.tmp')) await rm(join(folder, file), { force: true })
    return new LongTexts(folder, log, [...found.filter((file) => /^\d{6,}\.bin$/.test(file)), ...listed])
  }

  /** Whether the database may hold references. */
  get any(): boolean {
    return this.#files.size > 0
  }

  /** Returns what the column holds for a text: itself, or a reference that holds once `flush` has resolved. */
  column(text: string): string {
    if (text.length <= LONGEST_VALUE && !text.startsWith(MARK)) return text
    const bytes = Buffer.from(text)
    if (this.#current.size >= FILE_BYTES)
      this.#current = { file: `${String(++this.#last).padStart(6, '0')}.bin`, size: 0 }
    const { file, size } = this.#current
    let pending = this.#pending.at(-1)
    if (pending?.file !== file) this.#pending.push((pending = { file, start: size, parts: [] }))
    pending.parts.push(bytes)
    this.#current.size += bytes.length
    return `${MARK}${file}:${size}:${bytes.length}:${hashOf(bytes)}`
  }

  /** Brings new texts to the disk, before the references to them are committed. Throws when that fails. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return
    const pending = this.#pending
    this.#pending = []
    const begun: string[] = []
    try {
      for (const { file, start, parts } of pending) {
        const handle = await open(join(this.#folder, file), start === 0 ? 'wx' : 'r+')
        this.#files.add(file)
        if (start === 0) begun.push(file)
        try {
          await writeAt(handle, Buffer.concat(parts), start)
          await handle.datasync()
        } finally {
          await handle.close()
        }
        if (start === 0) await syncFolder(this.#folder)
      }
    } catch (error) {
      // A full disk is tried again many times.
      for (const file of begun) await this.#remove(file).catch(() => undefined)
      this.forget()
      throw error
    }
  }

  /** Discards what waits after a failed commit. */
  forget(): void {
    this.#pending = []
    this.beginFile()
  }

  /** Later texts go into a new file. Only between two commits. */
  beginFile(): void {
    this.#current = { file: '', size: FILE_BYTES }
  }

  /**
   * Returns the text that a column stands for. What is missing on disk is said in its place, and logged once a file. Throws
   * when it can't be read at the moment: an index, a deletion or an answer without it would be wrong.
   */
  text(column: string): string {
    const [, file = '', offset, bytes, hash] = (column.startsWith(MARK) && REFERENCE.exec(column)) || []
    if (file === '') return column
    try {
      const buffer = Buffer.allocUnsafe(Number(bytes))
      const read = readSync(this.#reader(file), buffer, 0, buffer.length, Number(offset))
      if (read === buffer.length && hashOf(buffer) === hash) return buffer.toString()
      this.#complain(file, 'the text is not what was stored')
    } catch (error) {
      if (isPassing(error)) throw error
      this.#complain(file, messageOf(error))
    }
    return `[${bytes} bytes of this line are missing: ${file} is damaged]`
  }

  /** Whether a column stands for a text. */
  isSame(column: string, text: string): boolean {
    return column.startsWith(MARK) ? this.text(column) === text : column === text
  }

  /** Deletes the files that nothing refers to, given the references' files. */
  async keepOnly(used: ReadonlySet<string>): Promise<void> {
    for (const file of this.#files) {
      if (used.has(file) || file === this.#current.file) continue
      await this.#remove(file)
    }
  }

  /** Deletes a file that comes back from the bucket before it is read again. */
  async removeCopy(file: string): Promise<void> {
    this.#close(file)
    await rm(join(this.#folder, file), { force: true })
  }

  /** Bytes on disk. */
  async size(): Promise<number> {
    const sizes = [...this.#files].map((file) => stat(join(this.#folder, file)).catch(() => undefined))
    return (await Promise.all(sizes)).reduce((sum, each) => sum + (each?.size ?? 0), 0)
  }

  close(): void {
    for (const file of [...this.#readers.keys()]) this.#close(file)
  }

  async #remove(file: string): Promise<void> {
    this.#close(file)
    this.#files.delete(file)
    await rm(join(this.#folder, file), { force: true })
  }

  #reader(file: string): number {
    let reader = this.#readers.get(file)
    if (reader === undefined) this.#readers.set(file, (reader = openSync(join(this.#folder, file), 'r')))
    return reader
  }

  #close(file: string): void {
    const reader = this.#readers.get(file)
    if (reader !== undefined) closeSync(reader)
    this.#readers.delete(file)
  }

  #complain(file: string, error: string): void {
    if (this.#damaged.has(file)) return
    this.#damaged.add(file)
    this.#log.error('a file of long lines is damaged', { file: join(this.#folder, file), error })
  }
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}
