/**
 * A queue on disk: batches that could not be sent wait here until they can be, the oldest of each route first. A record
 * counts when it is synced, so a kill at any byte leaves a readable spool; a damaged file is set aside, not deleted,
 * and what is lost with it is counted.
 */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isPassing } from '../disk/disk-failure.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import { applyCursor } from './legacy-cursor.ts'
import { encodeRecord, scanFile, type Damage, type SpoolRecord } from './spool-format.ts'
import { fileNumber, SpoolFile } from './spool-file.ts'
import { SpoolIndex, type Waiting } from './spool-index.ts'

export interface SpoolOptions {
  /** Made if it is missing. The caller makes sure that no other process uses it. */
  readonly folder: string
  /** Bound for all files together. */
  readonly maxBytes: number
  readonly log: Pick<Logger, 'error' | 'info'>
  /** Size at which a new file is begun; 8 MiB by default. */
  readonly segmentBytes?: number
}

/** A record and where it lies. */
export interface Held {
  readonly place: Waiting
  readonly record: SpoolRecord
}

const SEGMENT_BYTES = 8 * 1024 * 1024

export class Spool {
  readonly #options: SpoolOptions
  readonly #index = new SpoolIndex()
  readonly #files = new Set<SpoolFile>()
  #writing: SpoolFile | undefined
  #number = 0
  #found = 0
  #damaged = 0
  #torn = 0
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
    return this.#index.entries
  }

  /** Bytes on disk: of records that wait, and of sent ones whose file holds others that wait. */
  get bytes(): number {
    let bytes = 0
    for (const { size } of this.#files) bytes += size
    return bytes
  }

  /** Entries that an earlier process had left when this spool was opened. */
  get found(): number {
    return this.#found
  }

  /** Files found damaged since this spool was opened. */
  get damaged(): number {
    return this.#damaged
  }

  /** Entries known to be lost with them. */
  get torn(): number {
    return this.#torn
  }

  get folder(): string {
    return this.#options.folder
  }

  get empty(): boolean {
    return this.#index.empty
  }

  /** When the youngest record was born; -Infinity without any. */
  get youngest(): number {
    return this.#index.youngest
  }

  has(route: string): boolean {
    return this.#index.has(route)
  }

  /** The place of the oldest record that `accept` takes. */
  peek(accept: (place: Waiting) => boolean): Waiting | undefined {
    return this.#index.oldest(accept)
  }

  /**
   * Adds records and resolves when they are safe on disk, with how many there was room for. `force` takes all, room or
   * not: for what would be lost otherwise. Rejects when the disk fails before any is safe.
   */
  append(records: readonly SpoolRecord[], force = false): Promise<number> {
    return this.#serially(async () => {
      let done = 0
      while (done < records.length) {
        try {
          const taken = await this.#appendToFile(records.slice(done), force)
          if (taken === 0) break
          done += taken
        } catch (error) {
          if (done > 0) break
          throw error
        }
      }
      return done
    })
  }

  /**
   * The oldest record that `accept` takes, left where it is. Damaged ones are passed over. Rejects when it can't be read at
   * the moment.
   */
  oldest(accept?: (place: Waiting) => boolean): Promise<Held | undefined> {
    return this.#serially(async () => {
      for (;;) {
        const place = this.#index.oldest(accept)
        if (place === undefined) return undefined
        const record = await readUnlessDamaged(place)
        if (record !== undefined) return { place, record }
        const what = `the record at byte ${place.at} cannot be read, or fails its checksum`
        this.#damage(place.file, { what, bytes: place.size, entries: place.entries })
        await this.#remove(place)
      }
    })
  }

  /** Takes a record away. */
  take(place: Waiting): Promise<void> {
    return this.#serially(() => this.#remove(place))
  }

  async close(): Promise<void> {
    await this.#chain
    for (const file of this.#files) await file.close()
    this.#writing = undefined
  }

  #serially<T>(run: () => Promise<T>): Promise<T> {
    const next = this.#chain.then(run)
    this.#chain = next.catch(() => {})
    return next
  }

  async #load(): Promise<void> {
    const { folder, log } = this.#options
    await applyCursor(folder)
    for (const name of (await readdir(folder)).sort()) {
      const number = fileNumber(name)
      if (number === undefined) continue
      this.#number = Math.max(this.#number, number)
      const path = join(folder, name)
      const scan = await scanFile(path)
      if (scan.kind === 'newer') {
        const version = String(scan.version)
        log.error('a spool file has a format of a newer logstream and is left alone', { file: path, version })
        continue
      }
      const file = SpoolFile.found(path, scan.size)
      this.#files.add(file)
      for (const { taken, ...place } of scan.places) if (!taken) this.#add({ ...place, file })
      if (scan.damage !== undefined) this.#damage(file, scan.damage)
      if (scan.unfinished > 0)
        log.info('a spool file ends in an unfinished record, which was not acknowledged', {
          file: path,
          bytes: scan.unfinished,
        })
      await this.#finish(file)
    }
    this.#found = this.#index.entries
  }

  // Returns how many of the records fit into the current file and `maxBytes`, 0 if none.
  async #appendToFile(records: readonly SpoolRecord[], force: boolean): Promise<number> {
    const { maxBytes, segmentBytes = SEGMENT_BYTES } = this.#options
    let room = force ? Number.POSITIVE_INFINITY : maxBytes - this.bytes
    const encoded: Buffer[] = []
    let size = this.#writing?.size ?? 0
    for (const record of records) {
      const bytes = encodeRecord(record)
      if (bytes.length > room || (encoded.length > 0 && size >= segmentBytes)) break
      encoded.push(bytes)
      room -= bytes.length
      size += bytes.length
    }
    if (encoded.length === 0) return 0
    const file = await this.#writable()
    let places: { at: number; size: number }[]
    try {
      places = await file.append(encoded)
    } catch (error) {
      // Half a record may be left: nothing may follow it.
      this.#writing = undefined
      await this.#finish(file)
      throw error
    }
    let entries = 0
    places.forEach((place, i) => {
      const { route, bornAt, entries: of } = records[i]!
      entries += of
      this.#add({ ...place, route, bornAt, entries: of, file })
    })
    await file.mark(entries)
    return places.length
  }

  // A new process begins a new file: the last one may end in half a record.
  async #writable(): Promise<SpoolFile> {
    const limit = this.#options.segmentBytes ?? SEGMENT_BYTES
    if (this.#writing !== undefined && this.#writing.size < limit) return this.#writing
    const full = this.#writing
    this.#writing = await SpoolFile.make(this.#options.folder, ++this.#number)
    this.#files.add(this.#writing)
    await full?.close()
    return this.#writing
  }

  #add(place: Waiting): void {
    place.file.waiting++
    this.#index.add(place)
  }

  async #remove(place: Waiting): Promise<void> {
    this.#index.remove(place)
    place.file.waiting--
    await this.#finish(place.file)
    // A mark that fails costs a second sending after a restart, no more.
    if (this.#files.has(place.file)) await place.file.take(place.at).catch(() => {})
  }

  async #finish(file: SpoolFile): Promise<void> {
    if (file.waiting > 0) return
    if (file === this.#writing) this.#writing = undefined
    try {
      if (file.damaged) await file.setAside()
      else await file.delete()
      this.#files.delete(file)
    } catch (error) {
      this.#options.log.error('a spool file that has been sent cannot be removed', {
        file: file.path,
        error: messageOf(error),
      })
    }
  }

  #damage(file: SpoolFile, { what, bytes, entries }: Damage): void {
    this.#torn += entries
    const fields = { file: `${file.path}.damaged`, damage: what, lostBytes: bytes, lostEntries: entries }
    this.#options.log.error(
      'a spool file is damaged: what can be read of it is sent, the file is set aside',
      fields,
    )
    if (file.damaged) return
    file.damaged = true
    this.#damaged++
  }
}

async function readUnlessDamaged(place: Waiting): Promise<SpoolRecord | undefined> {
  // A disk that fails to read once may not do so again.
  const read = place.file.read(place).catch(() => place.file.read(place))
  return await read.catch((error: unknown) => {
    if (isPassing(error)) throw error
    return undefined
  })
}
