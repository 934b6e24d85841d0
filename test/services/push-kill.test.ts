/**
 * kill -9 of a service that takes pushes: clients try each line until it is answered, and never again. Loki is down half of
 * the time, so that some answers mean "in the spool". Every line arrives.
 */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { grpcCaller } from '../support/grpc-call.ts'
import { startFakeLoki, type FakeLoki } from '../support/fake-loki.ts'
import { otlpJson, otlpProtobuf } from '../support/otlp-export.ts'
import { pushRequest } from '../support/push-request.ts'
import { startCommand } from '../support/service.ts'

const ROUNDS = 6

/** Clients of each kind, each with one line under way. */
const CLIENTS = 3

/** Sends one line; resolves with whether it was answered with success. */
type Send = (line: string) => Promise<boolean>

const LISTENERS = ['otlp', 'otlpGrpc', 'api', 'apiGrpc', 'heroku', 'firehose', 'gcplog'] as const

type Ports = Readonly<Record<(typeof LISTENERS)[number], number>>

void t.test('kill -9 between pushes and answers', async (tap) => {
  const folder = tap.testdir({})
  let up = true
  const loki = await startFakeLoki({ respond: () => (up ? 204 : 503) })
  tap.teardown(() => loki.close())
  const ports = await freePorts()
  const config = join(folder, 'config.alloy')
  writeFileSync(config, configOf(ports, loki))
  const args = ['run', config, '--server.http.listen-addr=', `--storage.path=${join(folder, 'data')}`]
  const clients = sendersOf(tap, ports).flatMap(([kind, send]) =>
    Array.from({ length: CLIENTS }, (_, i) => new Client(`${kind} ${i}`, send)),
  )
  for (const client of clients) client.start()
  for (let round = 0; round < ROUNDS; round++) {
    const service = startCommand(args)
    await service.said('msg=running')
    up = round % 2 === 0
    await sleep(700 + ((round * 437) % 1500))
    tap.equal(await service.end('SIGKILL'), 'SIGKILL', `round ${round + 1}`)
  }
  up = true
  const last = startCommand(args)
  tap.teardown(() => last.child.kill('SIGKILL'))
  await last.said('msg=running')
  await Promise.all(clients.map((client) => client.stop()))
  const answered = clients.flatMap((client) => client.answered)
  const arrived = new Set<string>()
  let counted = 0
  await loki.waitUntil(() => {
    const entries = loki.entries()
    for (; counted < entries.length; counted++) arrived.add(entries[counted]!.line)
    return answered.every((line) => arrived.has(line))
  })
  tap.equal(await last.end('SIGTERM'), 0)
  for (const client of clients) tap.ok(client.answered.length > 0, client.name)
  const twice = loki.entries().length - new Set(loki.entries().map(({ line }) => line)).size
  const tries = clients.reduce((sum, each) => sum + each.tries, 0)
  tap.comment(
    `${answered.length} lines answered in ${ROUNDS} lives, ${tries} tries: 0 lost, ${twice} arrived twice`,
  )
  // Each kill may repeat the line that a client had under way: from the client, and from the spool.
  tap.ok(twice <= 2 * ROUNDS * clients.length)
})

/** Sends line after line, each until it is answered. */
class Client {
  readonly name: string
  readonly answered: string[] = []
  tries = 0
  readonly #send: Send
  #running: Promise<void> | undefined
  #stopping = false

  constructor(name: string, send: Send) {
    this.name = name
    this.#send = send
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#running
  }

  async #run(): Promise<void> {
    for (let i = 0; !this.#stopping; i++) {
      const line = `${this.name} line ${i}`
      while (!(await this.#try(line))) await sleep(200)
      this.answered.push(line)
    }
  }

  async #try(line: string): Promise<boolean> {
    this.tries++
    return await this.#send(line).catch(() => false)
  }
}

function sendersOf(
  tap: Test,
  { otlp, otlpGrpc, api, apiGrpc, heroku, firehose, gcplog }: Ports,
): [kind: string, send: Send][] {
  const post = async (url: string, type: string, body: string): Promise<boolean> => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
      signal: AbortSignal.timeout(20_000),
    })
    await answer.text()
    return answer.ok
  }
  const overOtlp = grpcCaller(tap, `127.0.0.1:${otlpGrpc}`)
  const overGrpc = grpcCaller(tap, `127.0.0.1:${apiGrpc}`)
  const push = (line: string): Buffer =>
    pushRequest([['{job="a"}', [{ seconds: 1_700_000_000, nanos: 1, line, structuredMetadata: [] }]]])
  const raw = { 'loki.format': 'raw' }
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const frame = (line: string): string => {
    const message = `<13>1 2022-06-13T14:52:23Z host app web.1 - ${line}`
    return `${message.length} ${message}`
  }
  const records = (line: string): string =>
    JSON.stringify({ requestId: 'r', timestamp: 1, records: [{ data: base64(line) }] })
  const message = (line: string): string =>
    JSON.stringify({
      message: { data: base64(JSON.stringify({ textPayload: line })), messageId: '1' },
      subscription: 's',
    })
  const cloud = (port: number, path: string, body: string): Promise<boolean> =>
    post(
      `http://127.0.0.1:${port}/${path}/api/v1/${path === 'heroku' ? 'drain' : 'push'}`,
      'application/json',
      body,
    )
  const logs = `http://127.0.0.1:${otlp}/v1/logs`
  const service = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
  return [
    ['otlp http', (line) => post(logs, 'application/json', otlpJson([line], raw))],
    ['otlp grpc', async (line) => (await overOtlp.call(service, otlpProtobuf([line], raw))).code === 0],
    ['api http', (line) => post(`http://127.0.0.1:${api}/api/v1/raw`, 'text/plain', line)],
    ['api grpc', async (line) => (await overGrpc.call('/logproto.Pusher/Push', push(line))).code === 0],
    ['heroku', (line) => cloud(heroku, 'heroku', frame(line))],
    ['awsfirehose', (line) => cloud(firehose, 'awsfirehose', records(line))],
    ['gcplog', (line) => cloud(gcplog, 'gcp', message(line))],
  ]
}

function configOf({ otlp, otlpGrpc, api, apiGrpc, heroku, firehose, gcplog }: Ports, loki: FakeLoki): string {
  return `otelcol.receiver.otlp "in" {
  http { endpoint = "127.0.0.1:${otlp}" }
  grpc { endpoint = "127.0.0.1:${otlpGrpc}" }
  output { logs = [otelcol.processor.batch.in.input] }
}
otelcol.processor.batch "in" {
  timeout = "20ms"
  output { logs = [otelcol.exporter.loki.in.input] }
}
otelcol.exporter.loki "in" { forward_to = [loki.write.out.receiver] }
loki.source.api "in" {
  http { listen_port = ${api} }
  grpc { listen_port = ${apiGrpc} }
  labels     = { job = "a" }
  forward_to = [loki.write.out.receiver]
}
loki.source.heroku "in" {
  http { listen_port = ${heroku} }
  forward_to = [loki.write.out.receiver]
}
loki.source.awsfirehose "in" {
  http { listen_port = ${firehose} }
  forward_to = [loki.write.out.receiver]
}
loki.source.gcplog "in" {
  push {
    http { listen_port = ${gcplog} }
  }
  forward_to = [loki.write.out.receiver]
}
loki.write "out" {
  endpoint {
    url                 = "${loki.pushUrl}"
    batch_wait          = "20ms"
    min_backoff_period  = "20ms"
    max_backoff_retries = 2
  }
}
`
}

/** Ports below those that the system gives to clients, which try to connect while nothing listens. */
async function freePorts(): Promise<Ports> {
  const found: number[] = []
  for (let port = 15_000 + Math.floor(Math.random() * 15_000); found.length < LISTENERS.length; port++)
    if (await isFree(port)) found.push(port)
  return Object.fromEntries(LISTENERS.map((name, i) => [name, found[i]])) as Ports
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
