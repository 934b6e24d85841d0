import { EventEmitter } from 'node:events'
import t from 'tap'
import { keepAlive } from '../../../../lib/flow/keep-alive.ts'
import { KafkaClient } from '../../../../lib/net/kafka/client.ts'
import type { KafkaPackage } from '../../../../lib/net/kafka/package.ts'

const HERE = { host: 'kafka', port: 9092 }

type Done = (error: Error | null, answer?: unknown) => void

interface Fake {
  readonly client: KafkaClient
  readonly connections: FakeConnection[]
}

class FakeConnection extends EventEmitter {
  readonly options: Readonly<Record<string, unknown>>
  closed = 0

  constructor(_id: string, options: Readonly<Record<string, unknown>>) {
    super()
    this.options = options
  }

  connect(host: string): Promise<void> {
    return host === 'down' ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve()
  }

  close(): Promise<void> {
    this.closed++
    this.emit('close')
    return Promise.resolve()
  }
}

/** The package, as far as a client needs it; `heartbeat` answers the call of version 4. */
function fake(heartbeat: (done: Done) => void, tls = false): Fake {
  const connections: FakeConnection[] = []
  const kafka = {
    Connection: class extends FakeConnection {
      constructor(id: string, options: Readonly<Record<string, unknown>>) {
        super(id, options)
        connections.push(this)
      }
    },
    apiVersionsV3: {
      api: {
        async: () =>
          Promise.resolve({
            apiKeys: [
              { name: 'Heartbeat', minVersion: 0, maxVersion: 7 },
              { name: 'JoinGroup', minVersion: 0, maxVersion: 3 },
            ],
          }),
      },
    },
    heartbeatV3: { api: () => t.fail('a newer version is known to both') },
    heartbeatV4: { api: (_connection: unknown, _group: string, done: Done) => heartbeat(done) },
    joinGroupV6: { api: () => t.fail('the broker does not know it') },
  } as unknown as KafkaPackage
  const settings = { brokers: [HERE], ...(tls ? { tls: { rejectUnauthorized: true } } : {}) }
  return { client: new KafkaClient(kafka, settings), connections }
}

void t.test('the newest version that both sides know, over one connection for each purpose', async (tap) => {
  const { client, connections } = fake((done) => done(null, 'alive'))
  tap.equal(await client.call('Heartbeat', HERE, ['g']), 'alive')
  await Promise.all([client.call('Heartbeat', HERE, ['g']), client.call('Heartbeat', HERE, ['g'])])
  tap.equal(connections.length, 1)
  await client.call('Heartbeat', HERE, ['g'], { purpose: 'group' })
  tap.equal(connections.length, 2)
  await tap.rejects(client.call('JoinGroup', HERE, ['g']), { message: /Kafka 2\.7 or later/ })
  await client.close()
  tap.same(
    connections.map(({ closed }) => closed),
    [1, 1],
  )
  await tap.rejects(client.call('Heartbeat', HERE, ['g']))
})

void t.test("errors have Kafka's names, however deep they lie", async (tap) => {
  const inner = Object.assign(new Error('moved'), { apiId: 'NOT_COORDINATOR' })
  const { client } = fake((done) =>
    done(
      Object.assign(new AggregateError([inner], 'Received response with error'), {
        response: { errorCode: 16 },
      }),
    ),
  )
  const error = await client.call('Heartbeat', HERE, ['g']).catch((each: unknown) => each)
  tap.match(error, { message: 'kafka:9092: NOT_COORDINATOR', response: { errorCode: 16 } })
  tap.ok((error as { is(code: string): boolean }).is('NOT_COORDINATOR'))
})

void t.test('a broker that cannot be reached, one that breaks, and one that says nothing', async (tap) => {
  // A real connection would.
  tap.teardown(keepAlive())
  const { client, connections } = fake((done) => void done)
  await tap.rejects(client.call('Heartbeat', { host: 'down', port: 1 }, ['g']), {
    message: 'down:1: connect ECONNREFUSED',
    codes: new Set(),
  })
  await tap.rejects(client.call('Heartbeat', HERE, ['g'], { timeoutMs: 5 }), {
    message: /not answered within/,
  })
  tap.equal(connections.at(-1)!.closed, 1, 'a late answer cannot be taken for another')
  const before = connections.length
  await tap.rejects(client.call('Heartbeat', HERE, ['g'], { timeoutMs: 5 }))
  tap.equal(connections.length, before + 1)
  connections.at(-1)!.emit('error', new Error('reset'))
  connections.at(-1)!.emit('error', new Error('twice'))
  await client.close()
})

void t.test('TLS names the host that it expects', async (tap) => {
  const { client, connections } = fake((done) => done(null), true)
  await client.call('Heartbeat', HERE, ['g'])
  await client.call('Heartbeat', { host: '127.0.0.1', port: 1 }, ['g'])
  tap.same(
    connections.map(({ options }) => options['tlsServerName']),
    ['kafka', false],
    'an address cannot be sent as a name',
  )
  await client.close()
})
