/** Which files, and which of their streams, can have the lines that are searched: from what is known without reading them. */
import type { LoadedIndex } from './sealed/part-indexes.ts'
import type { FileChoice, Span } from './sealed/source.ts'
import type { LogStore } from './store.ts'

/** What is searched. */
export interface Needles {
  /** The streams; `undefined` for all of them. */
  readonly ids: ReadonlySet<number> | undefined
  /** The same as SQL; empty or starting with AND. */
  readonly streams: string
  /** Texts of which a line contains at least one, for each group. */
  readonly groups: readonly (readonly string[])[]
}

interface NarrowChoice extends FileChoice {
  /** The streams of the sealed files that can have such lines; all that are searched when left out. */
  readonly ids?: readonly number[]
}

/** Streams aren't named where they have more of the rows than this, as that costs time too. */
const MOST_ROWS = 1 / 2
/** SQL isn't made of more. */
const MOST_STREAMS = 1000

/** Leaves out files that can't have such lines, and those that aren't sealed and have no time of the span. */
export async function mayHold(
  { partIndexes, upkeep }: LogStore,
  all: FileChoice,
  { from, to }: Span,
  needles?: Needles,
): Promise<NarrowChoice> {
  const hot = all.hot.filter((each) => {
    const index = upkeep.index(each)
    if (index === undefined) return true
    return index.extent !== undefined && index.extent.oldest < to && index.extent.newest >= from
  })
  if (needles === undefined || needles.groups.length === 0) return { ...all, hot }
  const passes = (filter: { mayContain(text: string): boolean } | undefined): boolean =>
    filter === undefined || needles.groups.every((any) => any.some((text) => filter.mayContain(text)))
  const parts = []
  const ids = new Set<number>()
  let rows = 0
  let rowsOfIds = 0
  for (const part of all.parts) {
    const index = await partIndexes.of(part)
    if (!passes(index?.filter)) continue
    const streams = streamsOf(index, needles)
    if (streams?.length === 0) continue
    parts.push(part)
    rows += part.rows
    if (streams === undefined) rowsOfIds = Infinity
    for (const stream of streams ?? []) {
      ids.add(stream.id)
      rowsOfIds += stream.rows
    }
  }
  const choice = { hot: hot.filter((each) => passes(upkeep.index(each)?.filters)), parts }
  return rowsOfIds > rows * MOST_ROWS || ids.size > MOST_STREAMS ? choice : { ...choice, ids: [...ids] }
}

/** The streams of a file that may have such lines; `undefined` where its index doesn't know. */
function streamsOf(
  index: LoadedIndex | undefined,
  { ids, groups }: Needles,
): LoadedIndex['streams'] | undefined {
  if (index?.grams === undefined) return undefined
  const { grams, streams } = index
  const found = groups.flatMap((any) => {
    const each = any.map((text) => grams.streamsOf(text))
    return each.includes(undefined) ? [] : [each]
  })
  return streams.filter(
    ({ id }, place) =>
      ids?.has(id) !== false && found.every((any) => any.some((places) => places!.has(place))),
  )
}
