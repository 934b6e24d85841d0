/** Objects as Parquet files, with their pages compressed. */
import { setImmediate } from 'node:timers/promises'
import { ByteWriter, parquetWrite, type ParquetWriteOptions, type SchemaElement } from 'hyparquet-writer'
import type { SentEntry } from '../../delivery/destination.ts'
import { VERSION } from '../../version.ts'
import { compressionOf, type CompressionName } from './compression.ts'
import type { ArchiveFormat, ArchiveObject } from './objects.ts'

const CODECS = { gzip: 'GZIP', zstd: 'ZSTD', none: 'UNCOMPRESSED' } as const satisfies Record<
  CompressionName,
  ParquetWriteOptions['codec']
>

/** Rows that are written in one go, which takes about 50 ms: between two, other work has its turn. */
const ROWS_IN_A_GROUP = 10_000

/** What 64 bits hold in whole seconds: from 1677-09-21 to 2262-04-11. DuckDB reads the very last number as infinity. */
const [FIRST_TIME, LAST_TIME] = [-9_223_372_036_000_000_000n, 9_223_372_036_000_000_000n]

const text = (name: string): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  repetition_type: 'REQUIRED',
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
})

// A map, not JSON in a string: labels['job'] works in DuckDB, Spark and Trino alike, and nothing has to be parsed.
const map = (name: string): SchemaElement[] => [
  {
    name,
    repetition_type: 'REQUIRED',
    converted_type: 'MAP',
    logical_type: { type: 'MAP' },
    num_children: 1,
  },
  { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
  text('key'),
  text('value'),
]

const SCHEMA: SchemaElement[] = [
  { name: 'entries', num_children: 4 },
  {
    name: 'time',
    type: 'INT64',
    repetition_type: 'REQUIRED',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' },
  },
  ...map('labels'),
  ...map('metadata'),
  text('line'),
]

/** Throws BAD_CONFIG for a compression that this Node lacks. */
export function parquet(name: CompressionName): ArchiveFormat {
  const codec = CODECS[name]
  const compressors = name === 'none' ? {} : { [codec]: compressionOf(name).compressSync }
  return {
    suffix: '.parquet',
    contentType: 'application/vnd.apache.parquet',
    encode: async ({ labels, entries }: ArchiveObject) => {
      const writer = Object.assign(new ByteWriter(), { flush: () => setImmediate() })
      const stream = new Map(Object.entries(labels))
      await parquetWrite({
        writer,
        schema: SCHEMA,
        codec,
        compressors,
        rowGroupSize: ROWS_IN_A_GROUP,
        createdBy: `logstream ${VERSION}`,
        columnData: [
          { name: 'time', data: entries.map(timeOf) },
          { name: 'labels', data: entries.map(() => stream) },
          { name: 'metadata', data: entries.map(({ structuredMetadata }) => new Map(structuredMetadata)) },
          { name: 'line', data: entries.map(({ line }) => line) },
        ],
      })
      return Buffer.from(writer.getBuffer())
    },
  }
}

function timeOf({ seconds, nanos }: SentEntry): bigint {
  const time = BigInt(seconds) * 1_000_000_000n + BigInt(nanos)
  return time < FIRST_TIME ? FIRST_TIME : time > LAST_TIME ? LAST_TIME : time
}
