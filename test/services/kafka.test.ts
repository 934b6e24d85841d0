/** `loki.source.kafka` and `loki.sink.kafka` on a real broker: nothing lost, whatever dies. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { KafkaClient } from '../../lib/net/kafka/client.ts'
import { Cluster } from '../../lib/net/kafka/cluster.ts'
import { loadKafka } from '../../lib/net/kafka/package.ts'
import { Producer, type Message } from '../../lib/net/kafka/producer.ts'
import { startFakeLoki, type FakeLoki } from '../support/fake-loki.ts'
import { noKafka, PASSWORD, startKafka, USER, type KafkaBroker } from '../support/kafka-broker.ts'
import { startCommand, type ServiceProcess } from '../support/service.ts'

const skip = noKafka()
const LONG = { timeout: 300_000 }

/** `loki.source.kafka` of all that the group does, to Loki. */
function groupConfig(kafka: KafkaBroker, topic: string, loki: FakeLoki, batchSize = '1MiB'): string {
  return `
loki.source.kafka "logs" {
	brokers                = ["${kafka.address}"]
	topics                 = ["${topic}"]
	group_id               = "group-${topic}"
	labels                 = {job = "kafka"}
	use_incoming_timestamp = true
	forward_to             = [loki.write.out.receiver]
}

loki.write "out" {
	endpoint {
		url            = "${loki.pushUrl}"
		batch_wait     = "50ms"
		batch_size     = "${batchSize}"
		remote_timeout = "1m"
	}
}
`
}

class Setup {
  readonly kafka: KafkaBroker
  readonly #tap: Test
  readonly #folder: string
  #count = 0

  constructor(tap: Test, kafka: KafkaBroker) {
    this.#tap = tap
    this.kafka = kafka
    this.#folder = tap.testdir({})
  }

  /** Runs a config in a process with a folder of its own; resolves when it runs. */
  async run(config: string): Promise<ServiceProcess> {
    const folder = join(this.#folder, String(this.#count++))
    const file = `${folder}.alloy`
    writeFileSync(file, config)
    const service = startCommand(['run', file, '--server.http.listen-addr=', `--storage.path=${folder}`])
    this.#tap.teardown(() => service.child.kill('SIGKILL'))
    await service.said('msg=running')
    return service
  }

  path(name: string): string {
    return join(this.#folder, name)
  }
}

const member = (service: ServiceProcess): Promise<void> => service.said('a member of the group')

/** How many partitions it had when it joined last. */
function partitionsOf(service: ServiceProcess): number {
  return Number([...service.stderr().matchAll(/a member of the group.* partitions=(\d+)/g)].at(-1)?.[1])
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(50)
}

void t.test('a real broker', { skip, timeout: 1_200_000 }, async (tap) => {
  const kafka = await startKafka()
  tap.teardown(() => kafka.close())

  await tap.test('logins, with and without TLS', async (tap) => {
    const package_ = await loadKafka()
    const topics = async (
      port: string,
      mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512',
      password: string,
      ca?: string,
    ): Promise<unknown> => {
      const address = { host: ca === undefined ? '127.0.0.1' : 'localhost', port: Number(port.split(':')[1]) }
      const client = new KafkaClient(package_, {
        brokers: [address],
        sasl: { mechanism, username: USER, password },
        ...(ca === undefined ? {} : { tls: { ca, rejectUnauthorized: true } }),
      })
      try {
        return await new Cluster(client).topics()
      } finally {
        await client.close()
      }
    }
    const { saslAddress, tlsAddress, certificate } = kafka
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
      tap.same(await topics(saslAddress, mechanism, PASSWORD), new Map(), mechanism)
      tap.same(
        await topics(tlsAddress, mechanism, PASSWORD, certificate.cert),
        new Map(),
        `${mechanism} over TLS`,
      )
      await tap.rejects(topics(saslAddress, mechanism, 'wrong'), { message: /SASL_AUTHENTICATION_FAILED/ })
    }
    await tap.rejects(topics(saslAddress, 'PLAIN', PASSWORD, certificate.cert), 'no TLS there')
  })

  await tap.test('what the sink writes comes back as it was, in every compression', LONG, async (tap) => {
    const setup = new Setup(tap, kafka)
    const loki = await startFakeLoki()
    tap.teardown(() => loki.close())
    await kafka.createTopic('formats', 3)
    const source = await setup.run(groupConfig(kafka, 'formats', loki))
    for (const compression of ['none', 'gzip', 'snappy', 'lz4']) {
      const log = setup.path(`${compression}.log`)
      const lines = Array.from(
        { length: 500 },
        (_, i) => `2026-11-20T10:00:00.${100_000_000 + i}Z ${compression} ä ${i}`,
      )
      writeFileSync(log, `${lines.join('\n')}\n`)
      const edge = await setup.run(`
loki.source.file "app" {
	targets    = [{__path__ = "${log}", job = "app"}]
	forward_to = [loki.process.app.receiver]
}

loki.process "app" {
	forward_to = [loki.sink.kafka.out.receiver]

	stage.regex {
		expression = "^(?P<time>\\\\S+) (?P<codec>\\\\S+) \\\\S+ (?P<number>\\\\d+)"
	}

	stage.timestamp {
		source = "time"
		format = "RFC3339Nano"
	}

	stage.labels {
		values = {codec = ""}
	}

	stage.structured_metadata {
		values = {number = ""}
	}

	stage.tenant {
		value = "team-a"
	}
}

loki.sink.kafka "out" {
	brokers         = ["${kafka.address}"]
	topic           = "formats"
	compression     = "${compression}"
	external_labels = {site = "edge"}
	batch_wait      = "100ms"
}
`)
      const arrived = () => loki.entries().filter(({ labels }) => labels.includes(`codec="${compression}"`))
      await until(() => arrived().length >= 500)
      tap.equal(await edge.end('SIGTERM'), 0)
      tap.same(
        arrived().map(({ line }) => line),
        lines,
        'in order, once',
      )
      tap.strictSame(arrived()[7], {
        tenant: 'team-a',
        labels: `{codec="${compression}", filename="${log}", job="app", site="edge"}`,
        timestamp: `${BigInt(Date.UTC(2026, 10, 20, 10)) * 1_000_000n + 100_000_007n}`,
        line: lines[7],
        metadata: [['number', '7']],
      })
    }
    tap.equal(await source.end('SIGTERM'), 0)
    const [committed, ends] = [await kafka.committed('group-formats', 'formats'), await kafka.ends('formats')]
    tap.same(
      committed.map((offset) => Math.max(0, offset)),
      ends,
      'all of it is committed',
    )
  })

  await tap.test(
    'three in a group: one killed, one stopped, a rebalance, a broker killed',
    LONG,
    async (tap) => {
      const setup = new Setup(tap, kafka)
      // When each line first came, and what came again later.
      const first = new Map<string, number>()
      const again: { readonly line: string; readonly first: number; readonly at: number }[] = []
      const loki = await startFakeLoki({
        respond: async ({ entries }) => {
          await sleep(100)
          const at = Date.now()
          for (const { line } of entries)
            if (first.has(line)) again.push({ line, first: first.get(line)!, at })
            else first.set(line, at)
          return 204
        },
      })
      tap.teardown(() => loki.close())
      await kafka.createTopic('faults', 6)
      const config = groupConfig(kafka, 'faults', loki, '64KiB')
      const [a, b, c] = await Promise.all([setup.run(config), setup.run(config), setup.run(config)])
      await Promise.all([member(a), member(b), member(c)])

      const writer = new Writer(kafka, 'faults')
      const writing = writer.write(60_000, 60)
      const events: { readonly what: string; readonly at: number }[] = []
      const happens = (what: string): void => void events.push({ what, at: Date.now() })
      const arrived = (count: number): Promise<void> => until(() => first.size >= count)

      await arrived(5000)
      happens('killed')
      await a.end('SIGKILL')
      await arrived(12_000)
      happens('stopped')
      tap.equal(await b.end('SIGTERM'), 0)
      await arrived(20_000)
      happens('rebalanced')
      const d = await setup.run(config)
      await member(d)
      await arrived(25_000)
      happens('broker killed')
      await kafka.stop('SIGKILL')
      await sleep(3000)
      await kafka.start()
      await writing
      await until(() => first.size === writer.written)
      tap.equal(first.size, 60_000, 'nothing is lost')

      tap.equal(await c.end('SIGTERM'), 0)
      tap.equal(await d.end('SIGTERM'), 0)
      tap.same(
        await kafka.committed('group-faults', 'faults'),
        await kafka.ends('faults'),
        'all of it is committed',
      )

      // What a process that is killed has in flight comes twice: lines that Loki got at most a moment before.
      const inFlight = again.filter(({ first: at }) => events.some((event) => Math.abs(event.at - at) < 2000))
      tap.comment(
        `60000 lines, ${again.length} twice: ${events
          .map(({ what, at }) => `${again.filter((each) => Math.abs(each.first - at) < 2000).length} ${what}`)
          .join(', ')}`,
      )
      tap.equal(inFlight.length, again.length, 'only what was in flight comes twice')
      tap.ok(again.length < 4000, `${again.length} twice`)
    },
  )

  await tap.test(
    'three do at least 2.5 times what one does, when Loki answers after 200 ms',
    LONG,
    async (tap) => {
      const setup = new Setup(tap, kafka)
      const lines = 24_000
      const rates: number[] = []
      for (const processes of [1, 3]) {
        const topic = `speed-${processes}`
        await kafka.createTopic(topic, 6)
        // Loki answers nothing until the group has formed and all is written: neither is to be measured.
        let open = (): void => {}
        const opened = new Promise<void>((resolve) => (open = resolve))
        const loki = await startFakeLoki({
          respond: async () => {
            await opened
            await sleep(200)
            return 204
          },
        })
        tap.teardown(() => loki.close())
        const config = groupConfig(kafka, topic, loki, '32KiB')
        const services = await Promise.all(Array.from({ length: processes }, () => setup.run(config)))
        await until(() => services.every((service) => partitionsOf(service) === 6 / processes))
        await new Writer(kafka, topic).write(lines, 0)
        await until(() => loki.pushes.length >= processes)
        const start = Date.now()
        open()
        await until(() => loki.count >= lines)
        rates.push(lines / ((Date.now() - start) / 1000))
        await Promise.all(services.map((service) => service.end('SIGTERM')))
        tap.equal(new Set(loki.entries().map(({ line }) => line)).size, lines)
        tap.equal(loki.count, lines, 'each once')
      }
      const [one, three] = rates as [number, number]
      tap.comment(
        `one: ${Math.round(one)} lines/s, three: ${Math.round(three)} lines/s, ${(three / one).toFixed(2)} times`,
      )
      tap.ok(three / one >= 2.5, `${(three / one).toFixed(2)} times`)
    },
  )
})

/** Writes numbered lines of 120 bytes, evenly over the partitions, as other programs would: without headers. */
class Writer {
  written = 0
  readonly #kafka: KafkaBroker
  readonly #topic: string

  constructor(kafka: KafkaBroker, topic: string) {
    this.#kafka = kafka
    this.#topic = topic
  }

  /** `pauseMs` between batches of 1,000 lines; goes on when the broker was away. */
  async write(lines: number, pauseMs: number): Promise<void> {
    const [host, port] = this.#kafka.address.split(':') as [string, string]
    const client = new KafkaClient(await loadKafka(), { brokers: [{ host, port: Number(port) }] })
    const producer = new Producer(client, new Cluster(client), {
      topic: this.#topic,
      compression: 'snappy',
      maxBatchBytes: 900_000,
    })
    const keys = Array.from({ length: 600 }, (_, i) => Buffer.from(`key ${i}`))
    for (let from = 0; from < lines; from += 1000) {
      const batch = Array.from({ length: 1000 }, (_, i): Message => {
        const line = `line ${from + i} of a test `.padEnd(120, '.')
        return {
          key: keys[i % keys.length]!,
          value: Buffer.from(line),
          headers: new Map(),
          timestamp: Date.now(),
          size: 200,
        }
      })
      await this.#send(producer, Buffer.from(String(from)), batch)
      this.written += 1000
      if (pauseMs > 0) await sleep(pauseMs)
    }
    await client.close()
  }

  async #send(producer: Producer, id: Buffer, batch: readonly Message[]): Promise<void> {
    for (;;) {
      try {
        return await producer.send(id, batch)
      } catch {
        await sleep(200)
      }
    }
  }
}
