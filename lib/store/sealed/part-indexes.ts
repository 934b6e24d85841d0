/** The indexes of sealed files, read when they are first asked for; the least used ones are forgotten. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../errors.ts'
import { Lru } from '../../lru.ts'
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

/** A few MiB, as one has 128 KiB and more. */
const MOST = 64

export class PartIndexes {
  readonly #folder: string
  readonly #log: Logger
  readonly #known = new Lru<number, Promise<LoadedIndex | undefined>>(MOST)

  constructor(folder: string, log: Logger) {
    this.#folder = folder
    this.#log = log
  }

  /** The index of a file; `undefined` when it's missing or damaged, which is logged: queries then read the file itself. */
  async of(part: Part): Promise<LoadedIndex | undefined> {
    let index = this.#known.get(part.number)
    if (index === undefined) this.#known.set(part.number, (index = this.#read(part)))
    return await index
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
      this.#log.error('the index of a sealed file cannot be read; queries read the file instead', {
        file: path,
        error: messageOf(error),
      })
      return undefined
    }
  }
}
