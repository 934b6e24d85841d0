/** Deletes the objects of a store that its lists don't name: those that were replaced, and those of uploads that a crash ended. */
import type { Clock } from '../../flow/clock.ts'
import type { StoredPart } from '../sealed/manifest.ts'
import type { StoreFiles } from '../sealed/store-files.ts'
import type { ObjectStore } from './object-store.ts'
import { namesOf, type Publisher } from './publisher.ts'

const EVERY_MS = 3_600_000
/** An object is deleted when it wasn't listed for so long: who reads by a list of before must find what it names. */
const GRACE_MS = 3_600_000

/** Other objects under the prefix aren't the store's. */
const OURS =
  /^(?:days\/(?:\d{4}-\d\d-\d\d|other)\.json|(?:parquet\/(?:\d{4}-\d\d-\d\d|other)\/\d{6,}-[\da-f]{8}\.(?:parquet|idx)|long\/\d{6,}-[\da-f]{8}\.bin|streams-\d{6,}-[\da-f]{8}\.jsonl))$/

export interface SweeperOptions {
  readonly files: StoreFiles
  readonly objects: ObjectStore
  readonly publisher: Publisher
  readonly clock: Clock
}

export class Sweeper {
  readonly #options: SweeperOptions
  /** When an object was first seen that isn't listed, in milliseconds. */
  #seen = new Map<string, number>()
  #at = 0

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  get isDue(): boolean {
    return this.#options.clock.now() >= this.#at
  }

  /** Only between two publications. Returns how many objects were deleted. */
  async sweep(signal: AbortSignal): Promise<number> {
    const { objects, publisher, clock } = this.#options
    const { published } = publisher
    if (published?.root === undefined) return 0
    this.#at = clock.now() + EVERY_MS
    await publisher.expectOwn(signal)
    const names = namesOf(published)
    const left = new Set<string>()
    const seen = new Map<string, number>()
    let deleted = 0
    for (const { key } of await objects.list('', signal)) {
      left.add(key)
      if (names.has(key) || !OURS.test(key)) continue
      const since = this.#seen.get(key) ?? clock.now()
      if (clock.now() - since < GRACE_MS) seen.set(key, since)
      else {
        await objects.delete(key, signal)
        left.delete(key)
        deleted++
      }
    }
    this.#seen = seen
    await this.#forget(left)
    return deleted
  }

  // The manifest remembers where replaced files are until then, for queries that still read them.
  async #forget(left: ReadonlySet<string>): Promise<void> {
    const { files } = this.#options
    const isGone = ({ parquet }: StoredPart): boolean => !left.has(parquet.object)
    const numbersOf = (parts: readonly { readonly number: number }[]): Set<string> =>
      new Set(parts.map(({ number }) => String(number)))
    await files.change((manifest) => {
      const { bucket, parts } = manifest
      if (bucket === undefined) return undefined
      const current = numbersOf(parts)
      const kept = Object.entries(bucket.stored).filter(
        ([number, part]) => current.has(number) || !isGone(part),
      )
      if (kept.length === Object.keys(bucket.stored).length) return undefined
      return { ...manifest, bucket: { ...bucket, stored: Object.fromEntries(kept) } }
    })
  }
}
