/** The state of an entry as plain data, and the changes between two states. */
import { formatRfc3339Nano } from '../go/rfc3339.ts'
import type { Entry } from './entry.ts'
import type { ExtractedValue } from './extracted.ts'

export interface Snapshot {
  readonly line: string
  /** RFC 3339 with nanoseconds. */
  readonly timestamp: string
  readonly labels: Readonly<Record<string, string>>
  readonly structured_metadata: Readonly<Record<string, string>>
  readonly extracted: Readonly<Record<string, ExtractedValue>>
}

/** One change. Without `before` the value was added, without `after` it was removed. */
export interface Change {
  readonly of: 'line' | 'time' | 'label' | 'metadata' | 'extracted'
  /** Of the label, the metadata or the extracted value; '' for the line and the time. */
  readonly name: string
  readonly before?: ExtractedValue
  readonly after?: ExtractedValue
}

export function snapshot(entry: Entry): Snapshot {
  return {
    line: entry.line,
    timestamp: formatRfc3339Nano(entry.seconds, entry.nanos),
    labels: entry.labels.toObject(),
    structured_metadata: Object.fromEntries(entry.structuredMetadata),
    extracted: Object.fromEntries(entry.extracted.toMap()),
  }
}

/** Returns changes of the line, the time, labels, metadata and extracted values, the last three sorted by name. */
export function changesBetween(before: Snapshot, after: Snapshot): Change[] {
  const changes: Change[] = []
  if (before.line !== after.line)
    changes.push({ of: 'line', name: '', before: before.line, after: after.line })
  if (before.timestamp !== after.timestamp)
    changes.push({ of: 'time', name: '', before: before.timestamp, after: after.timestamp })
  compare('label', before.labels, after.labels, changes)
  compare('metadata', before.structured_metadata, after.structured_metadata, changes)
  compare('extracted', before.extracted, after.extracted, changes)
  return changes
}

type Values = Readonly<Record<string, ExtractedValue>>

// Names come from logs, `constructor` and `__proto__` among them.
function compare(of: Change['of'], before: Values, after: Values, into: Change[]): void {
  for (const name of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const was = Object.hasOwn(before, name) ? before[name] : undefined
    const is = Object.hasOwn(after, name) ? after[name] : undefined
    if (Object.is(was, is)) continue
    into.push({
      of,
      name,
      ...(was === undefined ? {} : { before: was }),
      ...(is === undefined ? {} : { after: is }),
    })
  }
}
