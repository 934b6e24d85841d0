/** From the fields of a log call to a record: labels, structured metadata, and a time of its own. */
import { formatRecord } from './record.ts'

export interface MappingOptions {
  /** Labels of every entry. */
  readonly labels?: Readonly<Record<string, string>>
  /** Fields that become labels; default `['level']`. Keep them few: each combination of values is a stream. */
  readonly labelsFrom?: readonly string[]
  /** Fields that become structured metadata; default `['trace_id', 'span_id', 'traceId', 'spanId']`. */
  readonly metadataFrom?: readonly string[]
}

/** Returns the record of a call, as a line. `time` is in milliseconds. */
export type Recorder = (fields: Readonly<Record<string, unknown>>, line: string, time: number) => string

const NANOS_PER_MS = 1_000_000

/**
 * Objects and missing values make neither labels nor metadata. Calls of one millisecond get a nanosecond each: Loki
 * keeps two equal lines of one time only once.
 */
export function recorder(options: MappingOptions): Recorder {
  const { labels: fixed = {}, labelsFrom = ['level'] } = options
  const { metadataFrom = ['trace_id', 'span_id', 'traceId', 'spanId'] } = options
  let last = Number.NaN
  let nanos = 0
  return (fields, line, time) => {
    nanos = time === last ? Math.min(nanos + 1, NANOS_PER_MS - 1) : 0
    last = time
    const labels: Record<string, string> = { ...fixed }
    for (const [name, text] of textsOf(fields, labelsFrom)) labels[name] = text
    return formatRecord({ time, nanos, labels, line, metadata: textsOf(fields, metadataFrom) })
  }
}

function textsOf(
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
): (readonly [string, string])[] {
  return names.flatMap((name) => {
    const value = fields[name]
    const isText = typeof value === 'string' ? value !== '' : ['number', 'boolean'].includes(typeof value)
    return isText ? [[name, String(value)] as const] : []
  })
}
