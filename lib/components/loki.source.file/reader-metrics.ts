/** The metrics of a component's readers, by Alloy's names where it has one. */
import type { Metrics, Sample } from '../../telemetry/metrics.ts'

/** What one path has read. */
export interface ReadCounts {
  lines: number
  invalid: number
}

interface Measured {
  readonly path: string
  readonly counts: ReadCounts
  readonly progress: { readonly read: number; readonly size: number }
}

/** Exposes what `readers` returns at each scrape. Returns the counter of bytes that could not be read. */
export function exposeReaders(metrics: Metrics, readers: () => readonly Measured[]): { value: number } {
  const perPath = (value: (reader: Measured) => number) => (): Sample[] => {
    const sums = new Map<string, number>()
    for (const reader of readers()) sums.set(reader.path, (sums.get(reader.path) ?? 0) + value(reader))
    return [...sums].map(([path, sum]) => ({ labels: { path }, value: sum }))
  }
  metrics.collect(
    'loki_source_file_read_bytes_total',
    'gauge',
    'Bytes of the file that were read.',
    perPath((of) => of.progress.read),
  )
  metrics.collect(
    'loki_source_file_file_bytes_total',
    'gauge',
    'Size of the file in bytes.',
    perPath((of) => of.progress.size),
  )
  metrics.collect(
    'loki_source_file_read_lines_total',
    'counter',
    'Lines read.',
    perPath((of) => of.counts.lines),
  )
  metrics.gauge('loki_source_file_files_active_total', 'Files being read.', () => readers().length)
  metrics.collect(
    'logstream_file_invalid_utf8_lines_total',
    'counter',
    'Lines with bytes that are not UTF-8, replaced by U+FFFD.',
    perPath((of) => of.counts.invalid),
  )
  return metrics.counter(
    'logstream_file_gap_bytes_total',
    'Bytes that were gone before they could be read, as far as that can be known.',
  )
}
