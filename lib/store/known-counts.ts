/** Counts that the indexes of files know, so that no row is read: of streams whose rows in a file are all in one step. */
import type { CountSelection } from '../logql/engine/querier.ts'
import type { Conditions } from './conditions.ts'
import { metadataSql } from './metadata.ts'
import { floorDiv } from './query-rows.ts'
import type { FileChoice, Span } from './sealed/source.ts'
import type { LogStore } from './store.ts'
import { toNanos } from './stream-table.ts'

/** How many rows of a stream a step has; `first` is the time of the first one. */
interface KnownCount {
  readonly id: number
  readonly step: bigint
  readonly first: bigint
  readonly rows: number
}

export interface KnownCounts {
  readonly counts: readonly KnownCount[]
  /** Files of which something is known, by number, and their streams that have to be counted. */
  readonly unsure: ReadonlyMap<number, readonly number[]>
}

/** Returns nothing known for bytes and where rows are filtered, by whatever it may be. */
export async function knownCounts(
  store: LogStore,
  { hot, parts }: FileChoice,
  selection: CountSelection,
  { ids }: Conditions,
  span: Span,
): Promise<KnownCounts> {
  const counts: KnownCount[] = []
  const unsure = new Map<number, number[]>()
  if (selection.bytes || selection.filters.length > 0 || (await store.deletions.shown(span)) !== '')
    return { counts, unsure }
  const origin = toNanos(selection.origin.seconds, selection.origin.nanos)
  const stepOf = (time: bigint): bigint => floorDiv(time - 1n - origin, selection.step)
  const isPlain = (structured: boolean): boolean => metadataSql(selection.byMetadata, structured) === "''"
  const look = (file: number, id: number, stream: KnownStream): void => {
    if (ids?.has(id) === false || stream.newest < span.from || stream.oldest >= span.to) return
    const step = stepOf(stream.oldest)
    const isWhole =
      stream.oldest >= span.from && stream.newest < span.to && stream.oldest >= store.rules.of(id)
    if (isWhole && stepOf(stream.newest) === step)
      counts.push({ id, step, first: stream.oldest, rows: stream.rows })
    else unsure.get(file)!.push(id)
  }
  // A file of several steps is read as a whole.
  for (const each of hot) {
    const index = store.upkeep.index(each)
    const extent = index?.extent
    if (index?.isCounted !== true || extent === undefined || !isPlain(index.structured)) continue
    if (stepOf(extent.newest) - stepOf(extent.oldest) > 1n) continue
    unsure.set(each.number, [])
    for (const [id, stream] of index.streams) look(each.number, id, stream)
  }
  for (const part of parts) {
    if (!isPlain(part.structured !== false) || stepOf(part.to) - stepOf(part.from) > 1n) continue
    const index = await store.partIndexes.of(part)
    if (index === undefined) continue
    unsure.set(part.number, [])
    for (const stream of index.streams) look(part.number, stream.id, stream)
  }
  if (counts.length === 0) unsure.clear()
  return { counts, unsure }
}

interface KnownStream {
  readonly oldest: bigint
  readonly newest: bigint
  readonly rows: number
}
