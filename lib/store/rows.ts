/** Rows on their way into the database, by columns, with who waits for them. */
import type { StreamRecord } from './stream-table.ts'

/** Some entries of one push or one batch; they are stored together or not at all. */
export interface Parcel {
  readonly streams: StreamRecord[]
  /** Nanoseconds of Unix time. */
  readonly times: bigint[]
  readonly lines: string[]
  /** As `metadataText` gives it. */
  readonly metadata: string[]
  /** Roughly what it takes in memory. */
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
