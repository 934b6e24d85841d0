/** The indexes of sealed files, read when they are first asked for; those not used for the longest are forgotten. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isPassing } from '../../disk/disk-failure.ts'
import { messageOf } from '../../errors.ts'
import type { Logger } from '../../telemetry/log.ts'
import { BucketCounts } from './bucket-counts.ts'
import { GramFilter } from './gram-filter.ts'
import type { Part } from './manifest.ts'
import { decodeIndex, type PartStream } from './part-index.ts'
import { indexFile } from './store-files.ts'
import { StreamGrams } from './stream-grams.ts'

export interface LoadedIndex {
  readonly streams: readonly PartStream[]
  readonly filter: GramFilter | undefined
  readonly counts: BucketCounts | undefined
  readonly grams: StreamGrams | undefined
}

/** What a stream of an index takes in memory: an object and two large integers. */
const STREAM_BYTES = 128

interface Known {
  readonly index: Promise<LoadedIndex | undefined>
  /** Its memory; 0 while it's read. */
  bytes: number
}

export class PartIndexes {
  readonly #folder: string
  readonly #log: Logger
  readonly #most: number
  /** By the numbers of the files; the last used one is the last. */
  readonly #known = new Map<number, Known>()
  #bytes = 0

  /** `most` bytes of them are kept. */
  constructor(folder: string, log: Logger, most: number) {
    this.#folder = folder
    this.#log = log
    this.#most = most
  }

  /**
   * The index of a file; `undefined` when it's missing or damaged, which is logged: queries then read the file itself. Rejects
   * when it can't be read at the moment: files that are joined would go without for good.
   */
  async of(part: Part): Promise<LoadedIndex | undefined> {
    const { number } = part
    const known = this.#known.get(number)
    if (known !== undefined) {
      this.#known.delete(number)
      this.#known.set(number, known)
      return await known.index
    }
    const read: Known = { index: this.#read(part), bytes: 0 }
    this.#known.set(number, read)
    try {
      const index = await read.index
      this.#bytes += read.bytes = bytesOf(index)
      this.#forget()
      return index
    } catch (error) {
      this.#known.delete(number)
      throw error
    }
  }

  #forget(): void {
    for (const [number, { bytes }] of this.#known) {
      if (this.#bytes <= this.#most || this.#known.size === 1) return
      // One that is being read is counted later.
      if (bytes === 0) continue
      this.#known.delete(number)
      this.#bytes -= bytes
    }
  }

  async #read(part: Part): Promise<LoadedIndex | undefined> {
    const path = join(this.#folder, indexFile(part))
    try {
      const { streams, filter, counts, grams } = decodeIndex(await readFile(path))
      return {
        streams,
        filter: GramFilter.of(filter),
        counts: BucketCounts.of(counts),
        grams: StreamGrams.of(grams),
      }
    } catch (error) {
      if (isPassing(error)) throw error
      this.#log.error('the index of a sealed file cannot be read; queries read the file instead', {
        file: path,
        error: messageOf(error),
      })
      return undefined
    }
  }
}

/** About how much memory an index takes. What is known of a missing one takes some, too. */
function bytesOf(index: LoadedIndex | undefined): number {
  if (index === undefined) return STREAM_BYTES
  const { streams, filter, counts, grams } = index
  const parts = (filter?.memory ?? 0) + (counts?.memory ?? 0) + (grams?.memory ?? 0)
  return STREAM_BYTES * (streams.length + 1) + parts
}
