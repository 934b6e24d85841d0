/**
 * One log call as it waits on disk: a line of JSON that says all of it, so that another process, or the next start with
 * other options, delivers it as it was logged.
 */
import type { StructuredMetadata } from '../flow/entry.ts'

export interface LogRecord {
  /** Unix time in milliseconds, and nanoseconds within that millisecond. */
  readonly time: number
  readonly nanos: number
  readonly labels: Readonly<Record<string, string>>
  readonly line: string
  readonly metadata: StructuredMetadata
}

/** Returns the record as a line, with its line end. */
export function formatRecord({ time, nanos, labels, line, metadata }: LogRecord): string {
  return `${JSON.stringify([time, nanos, labels, line, metadata])}\n`
}

/** Returns `undefined` for a line that isn't a record, such as one that a crash has cut short. */
export function parseRecord(text: string): LogRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(value) || value.length !== 5) return undefined
  const [time, nanos, labels, line, metadata] = value as readonly unknown[]
  if (typeof time !== 'number' || typeof nanos !== 'number' || typeof line !== 'string') return undefined
  return isTexts(labels) && isPairs(metadata) ? { time, nanos, labels, line, metadata } : undefined
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => typeof each === 'string')
  )
}

function isPairs(value: unknown): value is StructuredMetadata {
  return (
    Array.isArray(value) &&
    value.every(
      (pair: unknown) =>
        Array.isArray(pair) && pair.length === 2 && pair.every((each) => typeof each === 'string'),
    )
  )
}
