/**
 * Kafka as a destination of delivery. Batches are kept as Loki's push requests, which hold all of an entry, in memory and
 * in the spool; each entry becomes a message when its batch is sent.
 */
import type { Answer, Destination, SealedBatch, SentEntry } from '../../delivery/destination.ts'
import { orAbort } from '../../flow/or-abort.ts'
import { Batcher, pickEntries, readBatch, type BatcherOptions } from '../../loki/batch.ts'
import { KafkaClient } from '../../net/kafka/client.ts'
import { Cluster } from '../../net/kafka/cluster.ts'
import type { KafkaPackage } from '../../net/kafka/package.ts'
import { Producer, type Compression, type Message } from '../../net/kafka/producer.ts'
import type { KafkaSettings } from '../../net/kafka/settings.ts'
import { ACCEPTED, answerOf, classify, refusalName, TOO_LARGE_HERE } from './answers.ts'
import { headersOf } from './message-format.ts'

export interface KafkaDestinationOptions {
  readonly settings: KafkaSettings
  readonly topic: string
  readonly compression: Compression
  readonly maxMessageBytes: number
  readonly batcher: BatcherOptions
}

/** What a record takes beyond its parts, at most: lengths, deltas, attributes. */
const RECORD_OVERHEAD = 40
const HEADER_OVERHEAD = 10

/** `load` brings the package at the first batch; it must not reject then, so the component loads it when it starts. */
export function kafkaDestination(
  options: KafkaDestinationOptions,
  load: () => Promise<KafkaPackage>,
): Destination {
  const { settings, topic, compression, maxMessageBytes } = options
  let opening: Promise<{ client: KafkaClient; producer: Producer }> | undefined
  const open = async (): Promise<{ client: KafkaClient; producer: Producer }> => {
    const client = new KafkaClient(await load(), settings)
    const cluster = new Cluster(client)
    const producer = new Producer(client, cluster, { topic, compression, maxBatchBytes: maxMessageBytes })
    return { client, producer }
  }
  return {
    batcher: (events) => new Batcher(options.batcher, events),
    send: async (batch, signal) => {
      const messages = messagesOf(batch)
      // Before anything is sent: what is sent already would come twice when the rest is sent anew.
      if (messages.some(({ size }) => size > maxMessageBytes)) return tooLarge(maxMessageBytes)
      opening ??= open()
      const { client, producer } = await opening
      try {
        await orAbort(producer.send(batch.body, messages), signal)
        return ACCEPTED
      } catch (error) {
        return answerOf(error, client.kafka.protocolErrors)
      }
    },
    classify,
    read: readBatch,
    pick: pickEntries,
    refused: ({ status }, entries) =>
      status === TOO_LARGE_HERE
        ? entries.flatMap((entry, i) =>
            messageOf(entry, '', keyOf(entry)).size > maxMessageBytes ? [i] : [],
          )
        : undefined,
    refusalName,
    close: async () => {
      await (await opening)?.client.close()
    },
  }
}

function tooLarge(limit: number): Answer {
  return {
    status: TOO_LARGE_HERE,
    reason: `the message would be larger than max_message_size, ${limit} bytes`,
  }
}

function messagesOf(batch: SealedBatch): Message[] {
  let labels: string | undefined
  let key: Buffer = Buffer.alloc(0)
  return readBatch(batch).map((entry) => {
    if (entry.labels !== labels) {
      labels = entry.labels
      key = keyOf(entry)
    }
    return messageOf(entry, batch.route, key)
  })
}

/** One partition for a stream, so that its entries stay in order. */
function keyOf({ labels }: SentEntry): Buffer {
  return Buffer.from(labels)
}

function messageOf(entry: SentEntry, tenant: string, key: Buffer): Message {
  const value = Buffer.from(entry.line)
  const headers = new Map<Buffer, Buffer>()
  let size = RECORD_OVERHEAD + key.length + value.length
  for (const [name, text] of headersOf(entry, tenant)) {
    const header: [Buffer, Buffer] = [Buffer.from(name), Buffer.from(text)]
    headers.set(...header)
    size += HEADER_OVERHEAD + header[0].length + header[1].length
  }
  return { key, value, headers, timestamp: entry.seconds * 1000 + Math.floor(entry.nanos / 1e6), size }
}
