/**
 * Counts that the indexes of files know, so that no row is read: of streams whose rows in a file are all in one step, and
 * of whole buckets of time where steps are made of them.
 */
import type { CountSelection } from '../logql/engine/querier.ts'
import type { Conditions } from './conditions.ts'
import { metadataSql } from './metadata.ts'
import { floorDiv } from './query-rows.ts'
import type { BucketCounts } from './sealed/bucket-counts.ts'
import type { Extent } from './sealed/hot-index.ts'
import type { Part } from './sealed/manifest.ts'
import type { LoadedIndex } from './sealed/part-indexes.ts'
import type { FileChoice, Span } from './sealed/source.ts'
import type { LogStore } from './store.ts'
import { toNanos } from './stream-table.ts'

/** How many rows of a stream a step has, or those of them with one text of metadata. */
export interface KnownCount {
  readonly id: number
  readonly metadata: string
  readonly step: bigint
  /** The time of the first row, or one between it and all rows that don't come from the same bucket. */
  readonly first: bigint
  /** Tells counts of one bucket apart, which have the same `first`. */
  readonly rank: number
  rows: number
}

/** What of a file isn't known. */
export interface UnknownRows {
  readonly file: number
  readonly span: Span
  /** The streams; left out for all of them. */
  readonly ids?: readonly number[]
}

export interface KnownCounts {
  readonly counts: readonly KnownCount[]
  /** Files of which something is known, by their numbers. */
  readonly files: ReadonlySet<number>
  readonly rest: readonly UnknownRows[]
}

/** Returns nothing known for bytes and where rows are filtered, by whatever it may be. */
export async function knownCounts(
  store: LogStore,
  choice: FileChoice,
  selection: CountSelection,
  { ids }: Conditions,
  span: Span,
): Promise<KnownCounts> {
  const known = new Known(store, selection, ids, span)
  if (!selection.bytes && selection.filters.length === 0 && (await store.deletions.shown(span)) === '')
    await known.look(choice)
  return known.counts.length > 0 ? known : { counts: [], files: new Set(), rest: [] }
}

class Known implements KnownCounts {
  readonly counts: KnownCount[] = []
  readonly files = new Set<number>()
  readonly rest: UnknownRows[] = []
  readonly #store: LogStore
  readonly #selection: CountSelection
  readonly #ids: ReadonlySet<number> | undefined
  readonly #span: Span
  readonly #origin: bigint

  constructor(store: LogStore, selection: CountSelection, ids: ReadonlySet<number> | undefined, span: Span) {
    this.#store = store
    this.#selection = selection
    this.#ids = ids
    this.#span = span
    this.#origin = toNanos(selection.origin.seconds, selection.origin.nanos)
  }

  async look({ hot, parts }: FileChoice): Promise<void> {
    const { upkeep, partIndexes } = this.#store
    for (const each of hot) {
      const index = upkeep.index(each)
      if (index?.isCounted !== true || index.extent === undefined) continue
      if (this.#isFew(index.extent, index.structured)) this.#streams(each.number, index.streams)
    }
    const indexes = hot.map((each) => upkeep.index(each))
    const unsealed = indexes.flatMap((index) => index?.extent ?? [])
    for (const part of parts) {
      const extent = { oldest: part.from, newest: part.to }
      const index = await partIndexes.of(part)
      if (index === undefined) continue
      if (this.#isFew(extent, part.structured !== false))
        this.#streams(
          part.number,
          index.streams.map((each) => [each.id, each] as const),
        )
      else if (index.counts !== undefined && this.#fits(part, index, index.counts)) {
        if (indexes.includes(undefined)) continue
        const others = parts.filter(({ number }) => number !== part.number)
        const all = [...unsealed, ...others.map(({ from, to }) => ({ oldest: from, newest: to }))]
        this.#buckets(part, index.counts, aloneIn(extent, all, this.#span))
      }
    }
  }

  /** Whether rows of one stream need not be told apart, and lie in two steps at most. */
  #isFew({ oldest, newest }: Extent, structured: boolean): boolean {
    return (
      metadataSql(this.#selection.byMetadata, structured) === "''" &&
      this.#stepOf(newest) - this.#stepOf(oldest) <= 1n
    )
  }

  #streams(file: number, streams: Iterable<readonly [number, KnownStream]>): void {
    const { from, to } = this.#span
    const ids: number[] = []
    for (const [id, { oldest, newest, rows }] of streams) {
      if (this.#ids?.has(id) === false || newest < from || oldest >= to) continue
      const step = this.#stepOf(oldest)
      const isWhole = oldest >= from && newest < to && oldest >= this.#store.rules.of(id)
      if (isWhole && this.#stepOf(newest) === step)
        this.counts.push({ id, metadata: '', step, first: oldest, rank: 0, rows })
      else ids.push(id)
    }
    this.files.add(file)
    if (ids.length > 0) this.rest.push({ file, span: this.#span, ids })
  }

  /** Whether steps are made of the buckets of a file, all of whose rows are still to be found. */
  #fits({ structured }: Part, { streams }: LoadedIndex, { length }: BucketCounts): boolean {
    const { step, byMetadata } = this.#selection
    if (step % length !== 0n || this.#origin % length !== 0n) return false
    const metadata = metadataSql(byMetadata, structured !== false)
    if (metadata !== "''" && (metadata !== 'metadata' || structured !== false)) return false
    return streams.every(
      ({ id, oldest }) => this.#ids?.has(id) === false || oldest >= this.#store.rules.of(id),
    )
  }

  /** Takes the buckets that lie in `alone`, where no other file has rows; the rest of the file has to be read. */
  #buckets({ number: file, from: oldest, to: newest }: Part, counts: BucketCounts, alone: Span): void {
    const { length } = counts
    const ends = newest < alone.to ? newest + length - 1n : alone.to - 1n
    const begin = oldest >= alone.from ? (oldest - 1n) / length : (alone.from + length - 2n) / length
    const end = ends / length
    if (end <= begin) return
    this.files.add(file)
    const { from, to } = this.#span
    if (oldest <= begin * length) this.rest.push({ file, span: { from, to: begin * length + 1n } })
    if (newest > end * length) this.rest.push({ file, span: { from: end * length + 1n, to } })
    const apart = metadataSql(this.#selection.byMetadata, false) === 'metadata'
    const last = new Map<string, KnownCount>()
    let rank = 0
    for (const { id, metadata, bucket, rows } of counts.within(Number(begin), Number(end))) {
      if (this.#ids?.has(id) === false) continue
      const time = BigInt(bucket) * length + 1n
      const step = this.#stepOf(time)
      const text = apart ? metadata : ''
      const key = `${id} ${text}`
      const before = last.get(key)
      if (before?.step === step) before.rows += rows
      else {
        const first = time > oldest ? time : oldest
        const count = { id, metadata: text, step, first, rank: rank++, rows }
        last.set(key, count)
        this.counts.push(count)
      }
    }
  }

  #stepOf(time: bigint): bigint {
    return floorDiv(time - 1n - this.#origin, this.#selection.step)
  }
}

interface KnownStream extends Extent {
  readonly rows: number
}

/** The part of a span in which a file has rows and no other has any: before or after the others, whichever is longer. */
function aloneIn({ oldest, newest }: Extent, others: readonly Extent[], span: Span): Span {
  let { from, to } = span
  for (const other of others) {
    if (other.oldest > newest || other.newest < oldest) continue
    const before = other.oldest - (from > oldest ? from : oldest)
    const after = (to < newest ? to : newest) - other.newest
    if (before > after) to = other.oldest < to ? other.oldest : to
    else from = other.newest >= from ? other.newest + 1n : from
  }
  return { from, to }
}
