/** One file of a spool: records are appended and synced, read back, and marked when they have been sent. */
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAt } from '../disk/write-at.ts'
import {
  EMPTY_FILE_BYTES,
  encodeFileStart,
  markTaken,
  readRecord,
  writeMark,
  type RecordPlace,
  type SpoolRecord,
} from './spool-format.ts'

const NAME = /^(\d{10})\.spool$/

/** The number in the name of a spool file; `undefined` for other files. */
export function fileNumber(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

export function fileName(number: number): string {
  return `${String(number).padStart(10, '0')}.spool`
}

export class SpoolFile {
  readonly path: string
  /** Records that have not been taken. */
  waiting = 0
  damaged = false
  #size: number
  #entries = 0
  #handle: FileHandle | undefined
  #markable = true

  private constructor(path: string, size: number) {
    this.path = path
    this.#size = size
  }

  /** A file that is there already, of `size` bytes. Nothing is appended to it: it may end in half a record. */
  static found(path: string, size: number): SpoolFile {
    return new SpoolFile(path, size)
  }

  /** Makes a new file, and sees to it that a power failure doesn't lose its name. */
  static async make(folder: string, number: number): Promise<SpoolFile> {
    const file = new SpoolFile(join(folder, fileName(number)), EMPTY_FILE_BYTES)
    file.#handle = await open(file.path, 'wx+', 0o600)
    try {
      await writeAt(file.#handle, encodeFileStart(), 0)
      await syncFolder(folder)
    } catch (error) {
      await file.delete().catch(() => {})
      throw error
    }
    return file
  }

  /** Bytes on disk. */
  get size(): number {
    return this.#size
  }

  /**
   * Appends records and resolves with their places once they are synced. Rejects with the error of the disk; the file
   * then ends as before.
   */
  async append(records: readonly Buffer[]): Promise<{ at: number; size: number }[]> {
    const handle = this.#handle!
    const places: { at: number; size: number }[] = []
    let at = this.#size
    try {
      for (const record of records) {
        await writeAt(handle, record, at)
        places.push({ at, size: record.length })
        at += record.length
      }
      await handle.datasync()
    } catch (error) {
      await handle.truncate(this.#size)
      throw error
    }
    this.#size = at
    return places
  }

  /** Notes that the file is safe up to here, with `entries` more than before. */
  async mark(entries: number): Promise<void> {
    this.#entries += entries
    // What was acknowledged is on disk already; the mark only helps to tell later what was lost.
    await writeMark(this.#handle!, { bytes: this.#size, entries: this.#entries }).catch(() => {})
  }

  /** Resolves with `undefined` when the bytes there are not what was written. */
  async read(place: Pick<RecordPlace, 'at' | 'size'>): Promise<SpoolRecord | undefined> {
    return await readRecord(await this.#open(), place)
  }

  /** Marks a record as sent. Not synced: after a power failure some records are sent twice. */
  async take(at: number): Promise<void> {
    const handle = await this.#open()
    if (this.#markable) await markTaken(handle, at)
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  async delete(): Promise<void> {
    await this.close()
    await rm(this.path, { force: true })
  }

  /** Sets the file aside under another name, for a person to look at. */
  async setAside(): Promise<void> {
    await this.close()
    await rename(this.path, `${this.path}.damaged`)
  }

  async #open(): Promise<FileHandle> {
    if (this.#handle !== undefined) return this.#handle
    try {
      this.#handle = await open(this.path, 'r+')
    } catch {
      // A read-only disk can still be sent.
      this.#handle = await open(this.path, 'r')
      this.#markable = false
    }
    return this.#handle
  }
}

// A new name in a folder is durable only when the folder is.
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
