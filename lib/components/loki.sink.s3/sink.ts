/** `loki.sink.s3` (not in Alloy): an archive of entries in a bucket, as JSON lines or Parquet by hour and stream. */
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { duration, map, optional, size, text, type OptionsOf } from '../../component/fields.ts'
import { backoffFields, queueBlock, spoolBlock } from '../../delivery/sink-fields.ts'
import { singleSink } from '../../delivery/single-sink.ts'
import { LogstreamError } from '../../errors.ts'
import { labelSet } from '../../flow/labels.ts'
import { bucketFields, bucketSettings } from '../../net/s3/fields.ts'
import { openBucket } from '../../net/s3/open.ts'
import { COMPRESSIONS, type CompressionName } from './compression.ts'
import { bucketDestination, UPLOADS } from './destination.ts'
import { jsonLines } from './json-lines.ts'
import type { ArchiveFormat } from './objects.ts'
import { parquet } from './parquet.ts'

const MIB = 1024 * 1024

type FormatName = 'jsonl' | 'parquet'

const FORMATS: Readonly<Record<FormatName, (compression: CompressionName) => ArchiveFormat>> = {
  jsonl: jsonLines,
  parquet,
}

const fields = {
  ...bucketFields,
  format: optional(text, 'jsonl', 'JSON lines, or Parquet.', Object.keys(FORMATS)),
  compression: optional(text, 'gzip', 'Compression of objects; zstd needs Node 22.15.', COMPRESSIONS),
  batch_size: optional(
    size,
    8 * MIB,
    'Bytes of lines and structured metadata in a batch, of which each stream becomes an object.',
  ),
  max_age: optional(
    duration,
    60_000,
    'Longest time before a batch is sent; at most 10 seconds for entries that their source can not read again.',
  ),
  external_labels: optional(
    map(text),
    new Map<string, string>(),
    'Labels for entries that do not have them.',
  ),
  ...backoffFields,
  queue_config: queueBlock('S3', 32 * MIB),
  spool: spoolBlock('S3'),
}

type SinkOptions = OptionsOf<typeof fields>

export const lokiSinkS3 = defineComponent({
  name: 'loki.sink.s3',
  summary:
    'Archives entries in a bucket of an S3 API, as compressed JSON lines or Parquet by hour and stream.',
  fields,
  stability: 'generally-available',
  exports: { receiver: 'Takes entries to be archived.' },
  extension: true,
  create: createSink,
})

function createSink(options: SinkOptions, ctx: ComponentContext): Component {
  checkSizes(options)
  const { queue_config: queue } = options
  const settings = bucketSettings(options, process.env)
  const { prefix, url } = settings
  const destination = bucketDestination({
    bucket: openBucket(options, settings, UPLOADS * queue.shards, () => ctx.clock.now()),
    format: FORMATS[options.format as FormatName](options.compression as CompressionName),
    batcher: {
      batchSize: options.batch_size,
      batchWait: options.max_age,
      maxStreams: 0,
      tenant: '',
      externalLabels: labelSet(options.external_labels),
      clock: ctx.clock,
    },
  })
  const title = `${url.href.replace(/\/$/, '')}/${prefix}`
  return singleSink(
    { kind: 's3', called: 'the bucket', name: settings.bucket, title, destination },
    options,
    ctx,
  )
}

function checkSizes({ batch_size: size, max_age: age, queue_config: { shards } }: SinkOptions): void {
  if (size <= 0) throw bad('batch_size', `expected more than 0 bytes, found ${size}`)
  if (age <= 0) throw bad('max_age', 'expected a time such as "1m", found 0')
  if (shards < 1) throw bad('shards', `expected at least 1, found ${shards}`)
}

function bad(option: string, message: string): LogstreamError {
  return new LogstreamError('BAD_CONFIG', `${option}: ${message}`, { option })
}
