/**
 * A queue on disk: batches that could not be sent wait here, in order, until they can be. Files are only ever
 * appended to and a record counts when it is synced, so a kill at any byte leaves a readable spool; a file that
 * was damaged otherwise is set aside, not deleted.
 */
import { mkdir, open, readdir, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import {
  encodeRecord,
  FILE_HEADER,
  readRecord,
  scanSegment,
  type RecordPlace,
  type SpoolRecord,
} from './spool-record.ts'

export type { SpoolRecord } from './spool-record.ts'

export interface SpoolOptions {
  /** Made when it is not there. The caller sees to it that no other process uses it. */
  readonly folder: string
  /** Bound for all files together. */
  readonly maxBytes: number
  /** Where damage is reported. */
  readonly log: { error(message: string, fields: Readonly<Record<string, string>>): void }
  /** Where a new file begins; 8 MiB if left out. */
  readonly segmentBytes?: number
}

interface Segment {
  readonly name: string
  readonly places: RecordPlace[]
  /** Index of the first record that was not taken. */
  next: number
  /** Size on disk. */
  size: number
  damaged: boolean
}

const NAME = /^(\d{10})\.spool$/
const CURSOR = 'cursor'
const SEGMENT_BYTES = 8 * 1024 * 1024

export class Spool {
  readonly #options: SpoolOptions
  readonly #segments: Segment[] = []
  #writer: FileHandle | undefined
  #reader: { name: string; file: FileHandle } | undefined
  #number = 0
  #entries = 0
  #bytes = 0
  #damaged = 0
  #chain: Promise<unknown> = Promise.resolve()

  private constructor(options: SpoolOptions) {
    this.#options = options
  }

  /** Reads what an earlier process has left. Throws the file system's errors. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const spool = new Spool(options)
    await mkdir(options.folder, { recursive: true })
    await spool.#load()
    return spool
  }

  /** Entries that wait. */
  get entries(): number {
    return this.#entries
  }

  /** Bytes on disk, of records that wait and of those of the same file that do not any more. */
  get bytes(): number {
    return this.#bytes
  }

  /** Files found damaged since this spool was opened. */
  get damaged(): number {
    return this.#damaged
  }

  get folder(): string {
    return this.#options.folder
  }

  get empty(): boolean {
    return this.#entries === 0 && this.#first() === undefined
  }

  /**
   * Adds records at the end and resolves when they are safe on disk, with how many there was room for. `force`
   * takes all, room or not: for what would be lost otherwise. Rejects when the disk fails.
   */
  append(records: readonly SpoolRecord[], force = false): Promise<number> {
    return this.#serially(async () => {
      try {
        return await this.#append(records, force)
      } catch (error) {
        // Half a record may be in the file now; only the end of a file may hold one.
        await this.#writer?.close().catch(() => {})
        this.#writer = undefined
        throw error
      }
    })
  }

  async #append(records: readonly SpoolRecord[], force: boolean): Promise<number> {
    const written: { segment: Segment; place: RecordPlace }[] = []
    for (const record of records) {
      const bytes = encodeRecord(record)
      if (!force && this.#bytes + bytes.length > this.#options.maxBytes) break
      const segment = await this.#writable()
      const place = { at: segment.size, size: bytes.length, entries: record.entries }
      await this.#writer!.appendFile(bytes)
      segment.size += bytes.length
      this.#bytes += bytes.length
      written.push({ segment, place })
    }
    if (written.length > 0) await this.#writer!.datasync()
    for (const { segment, place } of written) {
      segment.places.push(place)
      this.#entries += place.entries
    }
    return written.length
  }

  /** The oldest record, left where it is; `undefined` when nothing waits. Damaged ones are passed over. */
  head(): Promise<SpoolRecord | undefined> {
    return this.#serially(async () => {
      for (;;) {
        const segment = this.#first()
        if (segment === undefined) return undefined
        const place = segment.places[segment.next]!
        const record = await this.#read(segment, place)
        if (record !== undefined) return record
        this.#damage(segment, `a record at byte ${place.at} fails its checksum`)
        await this.#advance(segment, place)
      }
    })
  }

  /** The record behind the oldest one, if it is there and whole. */
  second(): Promise<SpoolRecord | undefined> {
    return this.#serially(async () => {
      let skip = 1
      for (const segment of this.#segments) {
        const place = segment.places[segment.next + skip]
        if (place !== undefined) return await this.#read(segment, place)
        skip -= segment.places.length - segment.next
        if (skip < 0) break
      }
      return undefined
    })
  }

  /** Takes the oldest record away. */
  shift(): Promise<void> {
    return this.#serially(async () => {
      const segment = this.#first()
      if (segment !== undefined) await this.#advance(segment, segment.places[segment.next]!)
    })
  }

  async close(): Promise<void> {
    await this.#chain
    await this.#writer?.close()
    await this.#reader?.file.close()
    this.#writer = undefined
    this.#reader = undefined
  }

  #serially<T>(run: () => Promise<T>): Promise<T> {
    const next = this.#chain.then(run)
    this.#chain = next.catch(() => {})
    return next
  }

  #first(): Segment | undefined {
    return this.#segments.find((segment) => segment.next < segment.places.length)
  }

  async #load(): Promise<void> {
    const { folder, log } = this.#options
    const names = (await readdir(folder)).sort()
    const cursor = await readCursor(folder)
    // Numbers are not used again, or the cursor would skip the records of a new file.
    for (const name of [...names, cursor?.name ?? ''])
      this.#number = Math.max(this.#number, Number.parseInt(name, 10) || 0)
    for (const name of names.filter((each) => NAME.test(each))) {
      const scan = await scanSegment(join(folder, name))
      if (scan.kind === 'newer') {
        log.error('a spool file was written by a newer version and is left alone', {
          file: join(folder, name),
        })
        continue
      }
      const from = cursor?.name === name ? cursor.at : 0
      const places = scan.places.filter((place) => place.at >= from)
      const segment: Segment = { name, places, next: 0, size: scan.size, damaged: false }
      if (scan.damage !== undefined) this.#damage(segment, scan.damage)
      this.#segments.push(segment)
      this.#bytes += segment.size
      for (const place of places) this.#entries += place.entries
      if (places.length === 0) await this.#finish(segment)
    }
  }

  // A new process begins a new file: the last one may end in half a record.
  async #writable(): Promise<Segment> {
    const last = this.#segments.at(-1)
    const limit = this.#options.segmentBytes ?? SEGMENT_BYTES
    if (this.#writer !== undefined && last !== undefined && last.size < limit) return last
    if (this.#writer !== undefined) {
      await this.#writer.datasync()
      await this.#writer.close()
    }
    const name = `${String(++this.#number).padStart(10, '0')}.spool`
    this.#writer = await open(join(this.#options.folder, name), 'ax', 0o600)
    await this.#writer.appendFile(FILE_HEADER)
    await syncFolder(this.#options.folder)
    const segment = { name, places: [], next: 0, size: FILE_HEADER.length, damaged: false }
    this.#bytes += segment.size
    this.#segments.push(segment)
    return segment
  }

  async #read(segment: Segment, place: RecordPlace): Promise<SpoolRecord | undefined> {
    if (this.#reader?.name !== segment.name) {
      await this.#reader?.file.close()
      this.#reader = undefined
      this.#reader = { name: segment.name, file: await open(join(this.#options.folder, segment.name), 'r') }
    }
    return await readRecord(this.#reader.file, place)
  }

  // The cursor is not synced: it matters after a kill, which leaves it in the page cache; after a loss of power
  // some records are sent twice.
  async #advance(segment: Segment, place: RecordPlace): Promise<void> {
    segment.next++
    this.#entries -= place.entries
    if (segment.next === segment.places.length) {
      const writing = this.#writer !== undefined && segment === this.#segments.at(-1)
      if (writing) {
        await this.#writer!.close()
        this.#writer = undefined
      }
      return await this.#finish(segment)
    }
    const cursor = join(this.#options.folder, CURSOR)
    await writeFile(`${cursor}.tmp`, `${segment.name} ${place.at + place.size}\n`, { mode: 0o600 })
    await rename(`${cursor}.tmp`, cursor)
  }

  async #finish(segment: Segment): Promise<void> {
    if (this.#reader?.name === segment.name) {
      await this.#reader.file.close()
      this.#reader = undefined
    }
    const file = join(this.#options.folder, segment.name)
    if (segment.damaged) await rename(file, `${file}.damaged`)
    else await rm(file, { force: true })
    this.#segments.splice(this.#segments.indexOf(segment), 1)
    this.#bytes -= segment.size
  }

  #damage(segment: Segment, what: string): void {
    if (segment.damaged) return
    segment.damaged = true
    this.#damaged++
    this.#options.log.error('a spool file is damaged and will be set aside; what can be read of it is sent', {
      file: join(this.#options.folder, `${segment.name}.damaged`),
      damage: what,
    })
  }
}

async function readCursor(folder: string): Promise<{ name: string; at: number } | undefined> {
  const text = await readFile(join(folder, CURSOR), 'utf8').catch(() => '')
  const match = /^(\d{10}\.spool) (\d+)\n$/.exec(text)
  return match === null ? undefined : { name: match[1]!, at: Number(match[2]) }
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
