/** Sequence numbers: what tells Kafka that it has a batch already. */
import t from 'tap'
import { KafkaError, type KafkaClient } from '../../../../lib/net/kafka/client.ts'
import type { Cluster } from '../../../../lib/net/kafka/cluster.ts'
import { Producer, type Message } from '../../../../lib/net/kafka/producer.ts'

interface Sent {
  readonly id: bigint
  /** `partition@sequence: values` */
  readonly batches: readonly string[]
}

/** A cluster of two nodes; keys are numbers, and their own hash. */
function setup(partitions = 2, maxBatchBytes = 1000) {
  const sent: Sent[] = []
  const failures: (KafkaError | undefined)[] = []
  let ids = 0n
  const call = (name: string, _to: unknown, args: readonly unknown[]): Promise<unknown> => {
    if (name === 'InitProducerId') return Promise.resolve({ producerId: ++ids, producerEpoch: 0 })
    const [, , messages, options] = args as [
      unknown,
      unknown,
      readonly { readonly partition: number; readonly value: Buffer }[],
      { readonly producerId: bigint; readonly sequences: ReadonlyMap<string, number> },
    ]
    const places = [...new Set(messages.map(({ partition }) => partition))]
    sent.push({
      id: options.producerId,
      batches: places.map((place) => {
        const values = messages
          .filter(({ partition }) => partition === place)
          .map(({ value }) => value.toString())
        return `${place}@${options.sequences.get(`t:${place}`)}: ${values.join(' ')}`
      }),
    })
    const failure = failures.shift()
    return failure === undefined ? Promise.resolve({}) : Promise.reject(failure)
  }
  const kafka = { NumericMap: Map, murmur2: (key: Buffer) => Number(key.toString()) }
  const client = { call, kafka } as unknown as KafkaClient
  const cluster = {
    topics: () => Promise.resolve(new Map([['t', Array.from({ length: partitions }, (_, i) => i % 2)]])),
    node: (id: number) => ({ host: `n${id}`, port: 1 }),
    anyNode: () => ({ host: 'n', port: 1 }),
  } as unknown as Cluster
  return {
    producer: new Producer(client, cluster, { topic: 't', compression: 'none', maxBatchBytes }),
    sent,
    failures,
  }
}

const message = (key: number, value: string, size = 10): Message => ({
  key: Buffer.from(String(key)),
  value: Buffer.from(value),
  headers: new Map(),
  timestamp: 0,
  size,
})
const id = (text: string): Buffer => Buffer.from(text)
const LOST = new KafkaError('no answer', {})

void t.test(
  'a key has its partition, numbers count on, and what does not fit comes in a second round',
  async (tap) => {
    const { producer, sent } = setup(2, 25)
    await producer.send(id('a'), [message(0, 'a0'), message(1, 'a1'), message(2, 'a2'), message(4, 'a4')])
    await producer.send(id('b'), [message(0, 'b0'), message(3, 'b3', 500), message(3, 'b4')])
    tap.same(
      sent.map(({ batches }) => batches),
      [['0@0: a0 a2'], ['1@0: a1'], ['0@2: a4'], ['0@3: b0'], ['1@1: b3'], ['1@2: b4']],
    )
  },
)

void t.test(
  'after a failure the same batch has the same numbers, and another one a new producer id',
  async (tap) => {
    const { producer, sent, failures } = setup()
    await producer.send(id('a'), [message(0, 'a')])
    failures.push(undefined, LOST)
    const batch = [message(0, 'b0'), message(1, 'b1')]
    await tap.rejects(producer.send(id('b'), batch))
    await producer.send(id('b'), batch)
    await producer.send(id('c'), [message(0, 'c')])
    failures.push(LOST)
    await tap.rejects(producer.send(id('d'), [message(0, 'd')]))
    await producer.send(id('e'), [message(0, 'e')])
    tap.same(
      sent.map((each) => [Number(each.id), ...each.batches]),
      [
        [1, '0@0: a'],
        [1, '0@1: b0'],
        [1, '1@0: b1'],
        [1, '0@1: b0'],
        [1, '1@0: b1'],
        [1, '0@2: c'],
        [1, '0@3: d'],
        [2, '0@0: e'],
      ],
      'e must not look like d, which Kafka may have',
    )
  },
)

void t.test(
  'what Kafka has already is stored, and numbers that it has forgotten are not used again',
  async (tap) => {
    const { producer, sent, failures } = setup()
    failures.push(new KafkaError('', { codes: ['DUPLICATE_SEQUENCE_NUMBER'] }))
    await producer.send(id('a'), [message(0, 'a')])
    failures.push(new KafkaError('', { codes: ['OUT_OF_ORDER_SEQUENCE_NUMBER'] }))
    await tap.rejects(producer.send(id('b'), [message(0, 'b')]))
    await producer.send(id('b'), [message(0, 'b')])
    tap.same(
      sent.map((each) => [Number(each.id), ...each.batches]),
      [
        [1, '0@0: a'],
        [1, '0@1: b'],
        [2, '0@0: b'],
      ],
    )
  },
)

void t.test('batches that are on their way at the same time have producers of their own', async (tap) => {
  const { producer, sent } = setup()
  await Promise.all([producer.send(id('a'), [message(0, 'a')]), producer.send(id('b'), [message(0, 'b')])])
  tap.same(new Set(sent.map((each) => each.id)), new Set([1n, 2n]))
})

void t.test('a topic that does not exist', async (tap) => {
  await tap.rejects(setup(0).producer.send(id('a'), [message(0, 'a')]), {
    message: /t does not exist: create it/,
  })
})
