/** Joins small sealed files of the same days into larger ones: a quiet store seals little each hour, and each file costs time. */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Database } from '../database.ts'
import { GramFilter } from './gram-filter.ts'
import type { Extent } from './hot-index.ts'
import type { Part } from './manifest.ts'
import type { PartIndexes } from './part-indexes.ts'
import { parquetOf } from './source.ts'
import { removePart, type StoreFiles } from './store-files.ts'
import { JOINING_LEVEL, writePart } from './write-part.ts'

const DAY = 86_400_000_000_000n
/** Fewer files than this aren't worth the writing. */
const FEWEST = 4

export interface CompactOptions {
  readonly database: Database
  readonly indexes: PartIndexes
  /** Ends it early. */
  readonly signal: AbortSignal
}

/**
 * Which files are to be joined: of each day that ended before `until` (nanoseconds), in the order of time, groups with
 * `mostText` bytes of lines together.
 */
export function groupsOf(parts: readonly Part[], until: bigint, mostText: number): Part[][] {
  const days = new Map<bigint, Part[]>()
  for (const part of parts) {
    const day = part.from / DAY
    // What reaches into the next day was sealed by days or more.
    if ((day + 1n) * DAY > until || part.to / DAY !== day) continue
    const others = days.get(day)
    if (others === undefined) days.set(day, [part])
    else others.push(part)
  }
  const groups: Part[][] = []
  for (const day of days.values()) {
    let group: Part[] = []
    let text = 0
    const end = (): void => {
      if (group.length >= FEWEST) groups.push(group)
      group = []
      text = 0
    }
    for (const part of day.sort((a, b) =>
      a.from < b.from || (a.from === b.from && a.number < b.number) ? -1 : 1,
    )) {
      if (text + part.text > mostText) end()
      if (part.text > mostText / 2) continue
      group.push(part)
      text += part.text
    }
    end()
  }
  return groups
}

/** Joins such a group into one file and swaps it in. */
export async function joinParts(
  group: readonly Part[],
  { database, indexes, signal }: CompactOptions,
): Promise<void> {
  const { files } = database
  const pinned = files.pin()
  try {
    const join = async (connection: DuckDBConnection): Promise<Part> =>
      await writePart(connection, {
        database,
        number: files.nextNumber(),
        rowsFrom: parquetOf(database.path, group),
        arrival: 'file_index, file_row_number',
        extent: extentOf(group),
        day: group[0]!.from,
        rows: group.reduce((sum, { rows }) => sum + rows, 0),
        filter: await filterOf(group, indexes),
        // Files are small where little comes in, so this hardly shows.
        level: JOINING_LEVEL,
      })
    const joined = await files.holding(group, signal, () => database.use(join, signal))
    await swapParts(files, group, joined)
  } finally {
    pinned.release()
  }
}

function extentOf(parts: readonly Part[]): Extent {
  const [{ from: oldest, to: newest }, ...others] = parts as [Part, ...Part[]]
  const extent = { oldest, newest }
  for (const { from, to } of others) {
    if (from < extent.oldest) extent.oldest = from
    if (to > extent.newest) extent.newest = to
  }
  return extent
}

async function filterOf(group: readonly Part[], indexes: PartIndexes): Promise<Uint8Array> {
  const filter = GramFilter.empty()
  for (const part of group) {
    const each = (await indexes.of(part))?.filter
    if (each === undefined) return new Uint8Array()
    filter.include(each)
  }
  return filter.bytes()
}

/**
 * Puts a new file in the place of others, or removes it if that fails, or one of them was deleted while it was written:
 * what was in that one isn't brought back.
 */
export async function swapParts(files: StoreFiles, old: readonly Part[], joined: Part): Promise<void> {
  const numbers = new Set(old.map(({ number }) => number))
  try {
    await files.change((manifest) => {
      const left = manifest.parts.filter(({ number }) => !numbers.has(number))
      if (manifest.parts.length - left.length !== old.length) return undefined
      return { ...manifest, parts: [...left, joined] }
    })
  } finally {
    const isPart = files.manifest.parts.some(({ number }) => number === joined.number)
    if (!isPart) await removePart(files.folder, joined)
  }
}
