/** An entry as a JSON object: how entries are written for other programs, one a line. */
import { formatRfc3339Nano } from '../go/rfc3339.ts'

export interface WrittenEntry {
  /** Unix time. */
  readonly seconds: number
  readonly nanos: number
  readonly labels: Readonly<Record<string, string>>
  readonly metadata: readonly (readonly [name: string, value: string])[]
  readonly line: string
}

/**
 * Returns `{"timestamp":"2026-01-05T10:00:00Z","labels":{"app":"shop"},"metadata":{"detected_level":"info"},"line":"…"}`
 * and a line feed. Without structured metadata there is no `metadata`.
 */
export function entryJson({ seconds, nanos, labels, metadata, line }: WrittenEntry): string {
  const timestamp = formatRfc3339Nano(seconds, nanos)
  const more = metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }
  return `${JSON.stringify({ timestamp, labels, ...more, line })}\n`
}
