/** What the formats of entry files share: `{"logstream_NAME":VERSION,"LIST":[entry, …]}`, one entry a line. */
import { NewerVersion } from './entry-files.ts'

export interface EntryList {
  /** The member that says what the file is: `logstream_positions`. */
  readonly mark: string
  readonly version: number
  /** The member that holds the entries. */
  readonly list: string
}

/** The text of a file; a person can read and mend it. */
export function formatEntries({ mark, version, list }: EntryList, entries: readonly string[]): string {
  return `{"${mark}":${version},"${list}":[\n${entries.join(',\n')}\n]}\n`
}

/** The entries of a file. Throws `NewerVersion`, or an Error that says what is wrong with the file as a whole. */
export function parseEntries({ mark, version, list }: EntryList, bytes: Buffer): readonly unknown[] {
  const root = parseJson(bytes)
  if (!isRecord(root)) throw new Error('expected a JSON object')
  const found = root[mark]
  if (typeof found === 'number' && found > version)
    throw new NewerVersion(
      `expected "${mark}" up to ${version}, found ${found}, which a newer version has written`,
    )
  if (found !== version) throw new Error(`expected "${mark}": ${version}, found ${JSON.stringify(found)}`)
  const entries = root[list]
  if (!Array.isArray(entries)) throw new Error(`expected a list "${list}"`)
  return entries
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** When an entry was changed; 0 where that isn't known. */
export function changedOf(entry: Record<string, unknown>): number {
  const { changed } = entry
  return typeof changed === 'number' ? changed : 0
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new Error(`expected JSON, found ${bytes.length} other bytes`)
  }
}
