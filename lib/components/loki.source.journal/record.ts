/** One entry of the journal, as `journalctl --output=json --all` prints it (systemd.io/JOURNAL_EXPORT_FORMATS, "Journal JSON Format"). */
import type { Instant } from '../../go/rfc3339.ts'

export interface JournalRecord {
  /** Where to read on after it. */
  readonly cursor: string
  readonly time: Instant
  /** Fields in the journal's order; of one that an entry has several times, the last. Bytes that aren't UTF-8 hold U+FFFD. */
  readonly fields: ReadonlyMap<string, string>
}

/** Returns the record, or `undefined` for a line that isn't one. */
export function parseRecord(line: string): JournalRecord | undefined {
  const object = objectIn(line)
  const cursor = object?.['__CURSOR']
  const micros = Number(object?.['__REALTIME_TIMESTAMP'])
  if (object === undefined || typeof cursor !== 'string' || !Number.isSafeInteger(micros)) return undefined
  const fields = new Map<string, string>()
  for (const [name, value] of Object.entries(object)) {
    // What begins with two underscores is about the entry, and no field of it.
    const text = name.startsWith('__') ? undefined : textOf(value)
    if (text !== undefined) fields.set(name, text)
  }
  const seconds = Math.floor(micros / 1e6)
  return { cursor, time: { seconds, nanos: (micros - seconds * 1e6) * 1000 }, fields }
}

function objectIn(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

// A list of numbers holds the bytes of a value that isn't printable text; any other list, the values of a repeated field.
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return undefined
  if (value.length > 0 && value.every((byte) => typeof byte === 'number'))
    return Buffer.from(value).toString('utf8')
  return textOf(value.at(-1))
}
