/** What a positions file holds, version 1. */
import type { EntryFormat, StoredEntry } from './entry-files.ts'
import { changedOf, formatEntries, isRecord, parseEntries } from './json-entries.ts'

/** One content that a path has had. Numbers of bytes count from the start of the (decompressed) file. */
export interface GenerationPosition {
  /** Decimal: inode numbers may exceed what a double holds. */
  readonly device: string
  readonly inode: string
  /** When the file was born, in milliseconds; 0 or left out if that isn't known. */
  readonly born?: number
  /** SHA-256 (first 16 hex digits) of the first `head` bytes. */
  readonly head: number
  readonly hash: string
  /** Everything before it has been acknowledged. */
  readonly offset: number
  /** FNV-1a of the up to 64 bytes before `offset`. */
  readonly anchor: number
  /** `offset` is within a line that was too long: so many parts of it come before. Left out: none. */
  readonly parts?: number
  /** The size when it was last looked at. */
  readonly size: number
  /** Milliseconds on the file system's clock: rotated files born later were never seen. */
  readonly since: number
}

export interface FilePosition {
  readonly path: string
  /** The target's labels without `filename`, as Loki writes them. */
  readonly labels: string
  /** Oldest first; the last one is, or was, at the path. */
  readonly generations: readonly GenerationPosition[]
  /** The entry's path can be read, the rest can't. */
  readonly damaged: boolean
}

const LIST = { mark: 'logstream_positions', version: 1, list: 'files' }

/** The key of an entry. */
export function keyOf({ path, labels }: Pick<FilePosition, 'path' | 'labels'>): string {
  return `${path}\0${labels}`
}

/** An entry that is wrong is marked as damaged, and stays so when it is written again. */
export const positionsFormat: EntryFormat<FilePosition> = {
  name: 'positions',
  unsaved: 'after a restart lines since the last save are sent again',
  text: (entries) => formatEntries(LIST, entries),
  entry: ({ path, labels, generations, damaged }, changed) =>
    JSON.stringify({ path, labels, generations: damaged ? null : generations, changed }),
  parse: (bytes) => parseEntries(LIST, bytes).flatMap(parseEntry),
}

function parseEntry(entry: unknown): StoredEntry<FilePosition>[] {
  if (!isRecord(entry) || typeof entry['path'] !== 'string') return []
  const { path, labels, generations } = entry
  const valid = typeof labels === 'string' && Array.isArray(generations) && generations.every(isGeneration)
  const value = valid
    ? { path, labels, generations, damaged: false }
    : { path, labels: typeof labels === 'string' ? labels : '{}', generations: [], damaged: true }
  return [{ key: keyOf(value), value, changed: changedOf(entry) }]
}

function isGeneration(value: unknown): value is GenerationPosition {
  if (!isRecord(value)) return false
  const texts = [value['device'], value['inode'], value['hash']]
  const counts = [value['head'], value['offset'], value['anchor'], value['size'], value['parts'] ?? 0]
  return (
    texts.every((text) => typeof text === 'string') &&
    counts.every((count) => Number.isSafeInteger(count) && (count as number) >= 0) &&
    typeof value['since'] === 'number' &&
    (value['born'] === undefined || typeof value['born'] === 'number')
  )
}
