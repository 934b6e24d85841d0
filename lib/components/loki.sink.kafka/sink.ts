/** `loki.sink.kafka` (not in Alloy): writes entries to a topic, for `loki.source.kafka` to read them again as they were. */
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { duration, map, optional, required, size, text, type OptionsOf } from '../../component/fields.ts'
import { backoffFields, queueBlock, spoolBlock } from '../../delivery/sink-fields.ts'
import { singleSink } from '../../delivery/single-sink.ts'
import { LogstreamError } from '../../errors.ts'
import { labelSet } from '../../flow/labels.ts'
import { addressText } from '../../net/kafka/client.ts'
import { loadKafka } from '../../net/kafka/package.ts'
import type { Compression } from '../../net/kafka/producer.ts'
import { authenticationBlock, brokersField, kafkaSettings } from '../../net/kafka/settings.ts'
import { kafkaDestination } from './destination.ts'

const MIB = 1024 * 1024
/** Kafka takes 1,048,588 bytes by default (message.max.bytes). */
const MAX_MESSAGE_BYTES = 1_000_000

const fields = {
  brokers: brokersField,
  topic: required(
    text,
    'Topic to write to; it must exist. Entries of one stream go to one partition, in order.',
  ),
  authentication: authenticationBlock,
  compression: optional(text, 'snappy', 'Compression of batches; zstd needs Node 22.15.', [
    'none',
    'gzip',
    'snappy',
    'lz4',
    'zstd',
  ]),
  max_message_size: optional(
    size,
    MAX_MESSAGE_BYTES,
    "Larger entries are refused and kept as dead letters. Not more than Kafka's message.max.bytes.",
  ),
  batch_wait: optional(duration, 500, 'Longest time before a batch is sent.'),
  batch_size: optional(size, MIB, 'Bytes of lines and structured metadata in a batch.'),
  ...backoffFields,
  external_labels: optional(
    map(text),
    new Map<string, string>(),
    'Labels for entries that do not have them.',
  ),
  queue_config: queueBlock('Kafka', 10 * MIB),
  spool: spoolBlock('Kafka'),
}

type SinkOptions = OptionsOf<typeof fields>

export const lokiSinkKafka = defineComponent({
  name: 'loki.sink.kafka',
  summary: 'Writes entries to a topic of Kafka, with labels, times and structured metadata in headers.',
  fields,
  stability: 'generally-available',
  exports: { receiver: 'Takes entries to be sent.' },
  extension: true,
  create: createSink,
})

function createSink(options: SinkOptions, ctx: ComponentContext): Component {
  const { topic, queue_config: queue } = options
  if (topic === '')
    throw new LogstreamError('BAD_CONFIG', 'topic: expected the name of a topic, found ""', {
      option: 'topic',
    })
  if (queue.shards < 1)
    throw new LogstreamError('BAD_CONFIG', `shards: expected at least 1, found ${queue.shards}`, {
      option: 'shards',
    })
  const settings = kafkaSettings(options.brokers, options.authentication)
  const destination = kafkaDestination(
    {
      settings,
      topic,
      compression: options.compression as Compression,
      maxMessageBytes: options.max_message_size,
      batcher: {
        batchSize: options.batch_size,
        batchWait: options.batch_wait,
        maxStreams: 0,
        tenant: '',
        externalLabels: labelSet(options.external_labels),
        clock: ctx.clock,
      },
    },
    loadKafka,
  )
  const title = `kafka://${settings.brokers.map(addressText).join(',')}/${topic}`
  const sink = singleSink({ kind: 'kafka', called: 'Kafka', name: topic, title, destination }, options, ctx)
  return {
    ...sink,
    start: async () => {
      await loadKafka()
      await sink.start?.()
    },
  }
}
