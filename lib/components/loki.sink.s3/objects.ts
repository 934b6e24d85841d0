/**
 * The objects that a batch becomes: the lines of one stream and hour each. The name holds the hash of what is in it, so
 * that a batch that is sent again overwrites its objects, and no object ever overwrites another.
 */
import { createHash } from 'node:crypto'
import type { SealedBatch, SentEntry } from '../../delivery/destination.ts'
import { entryJson } from '../../formats/entry-json.ts'
import { parseLabels } from '../../formats/label-text.ts'
import { formatRfc3339Nano } from '../../go/rfc3339.ts'
import { readBatch } from '../../loki/batch.ts'

export interface ArchiveObject {
  /** Without the suffix of its format. */
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly entries: readonly SentEntry[]
  /** As JSON lines, which the name has the hash of. */
  readonly text: string
}

/** How an object is written. */
export interface ArchiveFormat {
  /** At the end of a key. */
  readonly suffix: string
  readonly contentType: string
  encode(object: ArchiveObject): Promise<Buffer>
}

const HOUR_SECONDS = 3600
/** Hexadecimal digits; streams of one hour and tenant are told apart. */
const STREAM_DIGITS = 16
const CONTENT_DIGITS = 32

export function objectsOf(batch: SealedBatch): ArchiveObject[] {
  const groups = new Map<string, SentEntry[]>()
  for (const entry of readBatch(batch)) {
    const key = `${Math.floor(entry.seconds / HOUR_SECONDS)} ${entry.labels}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entry])
    else group.push(entry)
  }
  return Array.from(groups.values(), (entries) => objectOf(entries, batch.route))
}

function objectOf(entries: readonly SentEntry[], tenant: string): ArchiveObject {
  const [{ labels: stream, seconds }] = entries as readonly [SentEntry, ...SentEntry[]]
  const labels = Object.fromEntries(parseLabels(stream) ?? [])
  const text = entries
    .map(({ structuredMetadata: metadata, ...entry }) => entryJson({ ...entry, labels, metadata }))
    .join('')
  // Not by Date, which throws for years beyond 275,760; a push may hold any.
  const start = formatRfc3339Nano(seconds, 0)
  const [day, time = ''] = start.split('T')
  const hour = time.slice(0, 2)
  const folder = `${tenantFolder(tenant)}date=${day}/hour=${hour}`
  const file = `${digits(stream, STREAM_DIGITS)}-${start.replace(/[:-]/g, '')}-${digits(text, CONTENT_DIGITS)}`
  return { name: `${folder}/${file}`, labels, entries, text }
}

function tenantFolder(tenant: string): string {
  return tenant === '' ? '' : `tenant=${encodeURIComponent(tenant)}/`
}

function digits(text: string, count: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, count)
}
