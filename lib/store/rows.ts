/** Rows on their way into the database, by columns, with the callback that hears the outcome. */
import type { StreamRecord } from './stream-table.ts'

/** Entries of one push or one batch, stored together or not at all. */
export interface Parcel {
  readonly streams: StreamRecord[]
  /** Nanoseconds of Unix time. */
  readonly times: bigint[]
  readonly lines: string[]
  /** From `metadataText`. */
  readonly metadata: string[]
  /** Approximate memory. */
  bytes: number
  /** Called once: without an error when the rows are safe on disk, with one when they are not in the store. */
  done(error: Error | undefined): void
}

export function emptyParcel(done: Parcel['done']): Parcel {
  return { streams: [], times: [], lines: [], metadata: [], bytes: 0, done }
}

export function addRow(
  parcel: Parcel,
  stream: StreamRecord,
  time: bigint,
  line: string,
  metadata: string,
): void {
  parcel.streams.push(stream)
  parcel.times.push(time)
  parcel.lines.push(line)
  parcel.metadata.push(metadata)
  parcel.bytes += line.length + metadata.length + 64
}

/** The rows of all parcels, in order. */
export function joinParcels(parcels: readonly Parcel[]): Omit<Parcel, 'done'> {
  const [first] = parcels
  if (parcels.length === 1) return first!
  const all = emptyParcel(() => {})
  for (const { streams, times, lines, metadata } of parcels) {
    for (let i = 0; i < streams.length; i++) addRow(all, streams[i]!, times[i]!, lines[i]!, metadata[i]!)
  }
  return all
}
