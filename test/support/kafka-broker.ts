/**
 * A real Kafka broker for a test: KRaft mode, broker and controller in one process, from the jars of Maven Central. Needs
 * Java 17 or later, and Maven the first time: the jars (41, 40 MB) are kept in node_modules/.cache.
 */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { KafkaClient } from '../../lib/net/kafka/client.ts'
import { Cluster } from '../../lib/net/kafka/cluster.ts'
import { loadKafka } from '../../lib/net/kafka/package.ts'
import { selfSigned, type Certificate } from './certificates.ts'

const run = promisify(execFile)

const VERSION = '4.0.2'
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const JARS = join(ROOT, `node_modules/.cache/kafka-${VERSION}`)

/** Why a broker can't run here, `undefined` when it can. */
export function noKafka(): string | undefined {
  if (!works('java', '-version')) return 'java is missing: apt-get install openjdk-17-jre-headless'
  if (existsSync(JARS)) return undefined
  if (!works('mvn', '-version')) return "mvn is missing, to get Kafka's jars: apt-get install maven"
  return fetchJars()
}

function works(command: string, flag: string): boolean {
  try {
    execFileSync(command, [flag], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>logstream</groupId>
  <artifactId>kafka-broker</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`

function fetchJars(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-jars-'))
  const pom = join(folder, 'pom.xml')
  const partial = `${JARS}.${process.pid}`
  writeFileSync(pom, POM)
  try {
    execFileSync(
      'mvn',
      [
        '-q',
        '-B',
        '-f',
        pom,
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${partial}`,
      ],
      { stdio: 'ignore', timeout: 400_000 },
    )
    renameSync(partial, JARS)
    return undefined
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    return existsSync(JARS) ? undefined : `Kafka's jars cannot be fetched: ${String(error)}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export interface KafkaBroker {
  /** `127.0.0.1:PORT`. */
  readonly address: string
  /** The same with a login, for which USER and PASSWORD are good: PLAIN and SCRAM, without TLS. */
  readonly saslAddress: string
  /** With TLS and that login; its certificate is `certificate`. */
  readonly tlsAddress: string
  readonly certificate: Certificate
  createTopic(topic: string, partitions: number): Promise<void>
  /** What the group has committed, by partition. */
  committed(group: string, topic: string): Promise<readonly number[]>
  /** The end of each partition. */
  ends(topic: string): Promise<readonly number[]>
  /** Ends the broker (SIGKILL or SIGTERM); what it has stored stays. */
  stop(signal: NodeJS.Signals): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

export const USER = 'alice'
export const PASSWORD = 'pass-word'

/** A value of a properties file. */
function oneLine(pem: string): string {
  return pem.trim().replaceAll('\n', '\\n')
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** Starts a broker whose groups don't wait for members that may come. */
export async function startKafka(): Promise<KafkaBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-'))
  const [plain, sasl, tls, controller] = (await freePorts(4)) as [number, number, number, number]
  const certificate = selfSigned(folder, 'kafka')
  const config = join(folder, 'server.properties')
  const login = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  writeFileSync(
    config,
    `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${plain},SASL_PLAINTEXT://127.0.0.1:${sasl},SASL_SSL://127.0.0.1:${tls},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${plain},SASL_PLAINTEXT://127.0.0.1:${sasl},SASL_SSL://127.0.0.1:${tls}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
listener.name.sasl_ssl.plain.sasl.jaas.config=${login}
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=${scram}
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${scram}
listener.name.sasl_ssl.ssl.keystore.type=PEM
listener.name.sasl_ssl.ssl.keystore.key=${oneLine(certificate.key)}
listener.name.sasl_ssl.ssl.keystore.certificate.chain=${oneLine(certificate.cert)}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_plaintext.plain.sasl.jaas.config=${login}
listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config=${scram}
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config=${scram}
log.dirs=${join(folder, 'data')}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
`,
  )
  const java = (main: string, ...args: string[]): string[] => [
    '-Xmx384m',
    '-Xms128m',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-cp',
    join(JARS, '*'),
    main,
    ...args,
  ]
  await run(
    'java',
    java(
      'kafka.tools.StorageTool',
      'format',
      '-t',
      'MkU3OEVBNTcwNTJENDM2Qg',
      '-c',
      config,
      '--add-scram',
      `SCRAM-SHA-256=[name=${USER},password=${PASSWORD}]`,
      '--add-scram',
      `SCRAM-SHA-512=[name=${USER},password=${PASSWORD}]`,
    ),
  )
  const log = join(folder, 'log')
  let child: ChildProcess | undefined
  const address = { host: '127.0.0.1', port: plain }
  const client = new KafkaClient(await loadKafka(), { brokers: [address] })
  const cluster = new Cluster(client)
  const broker: KafkaBroker = {
    address: `127.0.0.1:${plain}`,
    saslAddress: `127.0.0.1:${sasl}`,
    tlsAddress: `127.0.0.1:${tls}`,
    certificate,
    start: async () => {
      const out = openSync(log, 'a')
      const started = spawn('java', java('kafka.Kafka', config), { stdio: ['ignore', out, out] })
      child = started
      await up(cluster, () => started.exitCode !== null, log)
    },
    stop: async (signal) => {
      const ended = new Promise((resolve) => child!.once('exit', resolve))
      child!.kill(signal)
      await ended
    },
    createTopic: async (topic, partitions) => {
      const admin = new client.kafka.Admin({ clientId: 'test', bootstrapBrokers: [broker.address] })
      await admin.createTopics({ topics: [topic], partitions, replicas: 1 })
      await admin.close()
      while (!(await cluster.topics([topic])).get(topic)?.every((leader) => leader >= 0)) await sleep(50)
    },
    committed: async (group, topic) => {
      const partitions = (await cluster.topics([topic])).get(topic)!
      const { groups } = await client.call<Committed>('OffsetFetch', await cluster.coordinator(group), [
        [
          {
            groupId: group,
            memberId: null,
            memberEpoch: -1,
            topics: [{ name: topic, partitionIndexes: [...partitions.keys()] }],
          },
        ],
        false,
      ])
      return groups[0]!.topics[0]!.partitions.map(({ committedOffset }) => Number(committedOffset))
    },
    ends: async (topic) => {
      const consumer = new client.kafka.Consumer({
        clientId: 't',
        groupId: 't',
        bootstrapBrokers: [broker.address],
      })
      const offsets = await consumer.listOffsets({ topics: [topic] })
      await consumer.close()
      return offsets.get(topic)!.map(Number)
    },
    close: async () => {
      await client.close()
      if (child !== undefined && child.exitCode === null && child.signalCode === null)
        await broker.stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await broker.start()
  return broker
}

interface Committed {
  readonly groups: readonly {
    readonly topics: readonly { readonly partitions: readonly { readonly committedOffset: bigint }[] }[]
  }[]
}

async function up(cluster: Cluster, dead: () => boolean, log: string): Promise<void> {
  // The broker doesn't say when it listens; it is asked until it answers.
  for (;;) {
    if (dead()) throw new Error(`the broker has ended: see ${log}`)
    try {
      await cluster.topics([])
      return
    } catch {
      await sleep(200)
    }
  }
}
