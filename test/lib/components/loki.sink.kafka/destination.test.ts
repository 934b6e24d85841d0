/** Kafka as a destination, with a package that answers as the test says. */
import t from 'tap'
import { kafkaDestination } from '../../../../lib/components/loki.sink.kafka/destination.ts'
import type { SealedBatch } from '../../../../lib/delivery/destination.ts'
import { NO_ACK } from '../../../../lib/flow/ack.ts'
import { systemClock } from '../../../../lib/flow/clock.ts'
import { Entry } from '../../../../lib/flow/entry.ts'
import { EMPTY_LABELS, labelSet } from '../../../../lib/flow/labels.ts'
import type { KafkaPackage } from '../../../../lib/net/kafka/package.ts'

interface Produced {
  readonly key: Buffer
  readonly value: Buffer
  readonly headers: ReadonlyMap<Buffer, Buffer>
  readonly timestamp: bigint
}

const NODE = { nodeId: 1, host: 'kafka', port: 9092 }

function setup(maxMessageBytes = 1000) {
  const produced: Produced[] = []
  let failure: Error | undefined
  const answers: Record<string, (args: readonly unknown[]) => unknown> = {
    metadata: () => ({
      brokers: [NODE],
      topics: [
        { errorCode: 0, name: 't', isInternal: false, partitions: [{ partitionIndex: 0, leaderId: 1 }] },
      ],
    }),
    initProducerId: () => ({ producerId: 7n, producerEpoch: 0 }),
    produce: ([, , messages]) => {
      if (failure !== undefined) throw failure
      produced.push(...(messages as Produced[]))
      return {}
    },
  }
  const api = (name: string) => ({
    api: (_connection: unknown, ...args: unknown[]) => {
      const done = args.pop() as (error: unknown, answer?: unknown) => void
      try {
        done(null, answers[name]!(args))
      } catch (error) {
        done(error)
      }
    },
  })
  const names = ['Metadata', 'InitProducerId', 'Produce']
  const kafka = {
    Connection: class {
      on(): void {}
      once(): void {}
      connect(): Promise<void> {
        return Promise.resolve()
      }
      close(): Promise<void> {
        return Promise.resolve()
      }
    },
    apiVersionsV3: {
      api: {
        async: () =>
          Promise.resolve({ apiKeys: names.map((name) => ({ name, minVersion: 0, maxVersion: 0 })) }),
      },
    },
    metadataV0: api('metadata'),
    initProducerIdV0: api('initProducerId'),
    produceV0: api('produce'),
    NumericMap: Map,
    murmur2: () => 0,
    protocolErrors: { MESSAGE_TOO_LARGE: { code: 10 }, TOPIC_AUTHORIZATION_FAILED: { code: 29 } },
  } as unknown as KafkaPackage
  const destination = kafkaDestination(
    {
      settings: { brokers: [NODE] },
      topic: 't',
      compression: 'none',
      maxMessageBytes,
      batcher: {
        batchSize: 1e6,
        batchWait: 1000,
        maxStreams: 0,
        tenant: '',
        externalLabels: EMPTY_LABELS,
        clock: systemClock,
      },
    },
    () => Promise.resolve(kafka),
  )
  const seal = (entries: readonly Entry[]): SealedBatch => {
    const sealed: SealedBatch[] = []
    const batcher = destination.batcher({
      born: () => 1,
      sealed: (batch) => void sealed.push(batch),
      limited: () => {},
      unsendable: () => {},
    })
    for (const entry of entries) batcher.add(entry, NO_ACK)
    batcher.flush()
    return sealed[0]!
  }
  const send = (batch: SealedBatch, signal = new AbortController().signal) => destination.send(batch, signal)
  return {
    destination,
    produced,
    seal,
    send,
    fail: (apiId: string) => {
      failure = Object.assign(new Error('refused'), { apiId })
    },
  }
}

const entry = (line: string, labels: Readonly<Record<string, string>> = { job: 'a' }): Entry =>
  new Entry(1_767_323_045, 6_000_001, line, labelSet(labels))

void t.test(
  'an entry is a message: the line, its stream as the key, and the rest in headers',
  async (tap) => {
    const { send, seal, produced, destination } = setup()
    const first = entry('größe', { job: 'a', __tenant_id__: 'team' })
    first.structuredMetadata = [['trace', 'x']]
    const answer = await send(seal([first]))
    tap.equal(destination.classify(answer), 'accepted')
    const [{ key, value, headers, timestamp }] = produced as [Produced]
    tap.equal(value.toString(), 'größe')
    tap.equal(key.toString(), '{job="a"}')
    tap.equal(timestamp, 1_767_323_045_006n)
    tap.same(Object.fromEntries([...headers].map(([name, text]) => [name.toString(), text.toString()])), {
      'logstream.labels': '{job="a"}',
      'logstream.timestamp': '1767323045006000001',
      'logstream.metadata': '[["trace","x"]]',
      'logstream.tenant': 'team',
    })
    await destination.close()
  },
)

void t.test('a message that is too large is refused alone, before anything is sent', async (tap) => {
  const { send, seal, produced, destination } = setup(300)
  const batch = seal([entry('a'), entry('x'.repeat(300)), entry('b')])
  const answer = await send(batch)
  tap.equal(destination.classify(answer), 'refused')
  tap.same(destination.refused(answer, destination.read(batch)), [1])
  tap.equal(destination.refusalName(answer), 'message_too_large')
  tap.equal(produced.length, 0)
  await destination.close()
})

void t.test("Kafka's answers, and none", async (tap) => {
  const { send, seal, fail, destination } = setup()
  const batch = seal([entry('a')])
  for (const [code, kind, status] of [
    ['MESSAGE_TOO_LARGE', 'too_large', 10],
    ['TOPIC_AUTHORIZATION_FAILED', 'denied', 29],
    ['NOT_ENOUGH_REPLICAS', 'unavailable', 0],
  ] as const) {
    fail(code)
    const answer = await send(batch)
    tap.equal(destination.classify(answer), kind, code)
    tap.equal(answer.status, status)
    tap.match(answer.reason, code)
  }
  const stopped = AbortSignal.abort()
  tap.match(await send(batch, stopped), { status: 0 }, 'a stop does not wait')
  await destination.close()
})
