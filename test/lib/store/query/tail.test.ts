import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket } from 'undici'
import type { Request } from '../../../../lib/net/server/router.ts'
import type { LogEntry } from '../../../../lib/logql/engine/querier.ts'
import type { Arrivals } from '../../../../lib/store/query/arrivals.ts'
import { Tails } from '../../../../lib/store/query/tail.ts'
import { labelSet } from '../../../../lib/flow/labels.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { MemoryQuerier } from '../../../support/memory-querier.ts'
import { StepClock } from '../../../support/step-clock.ts'

interface Bench {
  readonly tails: Tails
  readonly clock: StepClock
  readonly arrived: LogEntry[]
  /** The address of a tail with these parameters. */
  readonly url: (parameters: Record<string, string>) => string
  /** Set to make the store fail. */
  failure: Error | undefined
}

async function bench(t: Test, most?: number): Promise<Bench> {
  const arrived: LogEntry[] = []
  const clock = new StepClock()
  const arrivals: Arrivals = {
    newest: () => Promise.resolve(BigInt(arrived.length)),
    since: (place) => {
      if (found.failure !== undefined) return Promise.reject(found.failure)
      return Promise.resolve({ place: BigInt(arrived.length), entries: arrived.slice(Number(place)) })
    },
  }
  const tails = new Tails({
    querier: new MemoryQuerier(),
    arrivals,
    clock,
    log: SILENT,
    ...(most === undefined ? {} : { most }),
  })
  const server = createServer()
  server.on('upgrade', (raw, socket, head) => {
    const { pathname: path, searchParams: query } = new URL(raw.url!, 'http://localhost')
    const request: Request = { method: 'GET', path, query, headers: raw.headers, raw }
    tails.upgrade(request, socket, head)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  t.teardown(async () => {
    tails.close()
    await new Promise((resolve) => server.close(resolve))
  })
  const found: Bench = {
    tails,
    clock,
    arrived,
    failure: undefined,
    url: (parameters) =>
      `ws://127.0.0.1:${port}/loki/api/v1/tail?${new URLSearchParams(parameters).toString()}`,
  }
  return found
}

function line(text: string): LogEntry {
  return { seconds: 1, nanos: 0, line: text, stream: labelSet({ app: 'web' }), metadata: undefined }
}

async function event(
  socket: WebSocket,
  name: string,
): Promise<{ data: string; code: number; reason: string }> {
  const [found] = (await once(socket as unknown as EventTarget, name)) as [
    { data: string; code: number; reason: string },
  ]
  return found
}

/** Moves the clock on until something happens; the session plans its next look when it is done with one. */
async function until<T>(clock: StepClock, wanted: Promise<T>): Promise<T> {
  let done = false
  const stop = wanted.finally(() => (done = true))
  while (!done) {
    clock.advance(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return await stop
}

const query = '{app="web"}'

void t.test('lines come second by second', async (t) => {
  const { tails, clock, arrived, url } = await bench(t)
  const socket = new WebSocket(url({ query }))
  await event(socket, 'open')
  t.equal(tails.size, 1)
  for (const text of ['one', 'two']) {
    const message = event(socket, 'message')
    arrived.push(line(text))
    t.strictSame(JSON.parse((await until(clock, message)).data), {
      streams: [{ stream: { app: 'web' }, values: [['1000000000', text]] }],
    })
  }
  const closed = event(socket, 'close')
  socket.close()
  await closed
  // The client hears of it first.
  while (tails.size > 0) await new Promise((resolve) => setImmediate(resolve))
  t.equal(tails.size, 0)
})

void t.test('a metric is refused after the upgrade, as in Loki', async (t) => {
  const { tails, url } = await bench(t)
  const { code, reason } = await event(new WebSocket(url({ query: `rate(${query}[1m])` })), 'close')
  t.strictSame([code, reason], [1011, 'only log selector is supported'])
  t.equal(tails.size, 0)
})

/** The whole answer to a handshake. */
async function handshake(address: string): Promise<string> {
  const url = new URL(address)
  const socket = connect(Number(url.port), '127.0.0.1')
  socket.write(
    `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}

void t.test('bad parameters and too many clients are refused before it', async (t) => {
  const { url, tails } = await bench(t, 0)
  const cases: [parameters: Record<string, string>, answer: RegExp][] = [
    [{ query: '{app=' }, /^HTTP\/1\.1 400 [^]*parse error at line 1, col 6/],
    [{ query, delay_for: '6' }, /^HTTP\/1\.1 400 [^]*delay_for must be 0 to 5/],
    [{ query, limit: '0' }, /^HTTP\/1\.1 400 /],
    [{ query }, /^HTTP\/1\.1 429 /],
  ]
  for (const [parameters, answer] of cases) t.match(await handshake(url(parameters)), answer)
  t.equal(tails.size, 0)
})

void t.test('a store that fails ends the tail, without telling why', async (t) => {
  const found = await bench(t)
  const socket = new WebSocket(found.url({ query }))
  const closed = event(socket, 'close')
  await event(socket, 'open')
  found.failure = new Error('secret')
  const { code, reason } = await until(found.clock, closed)
  t.equal(code, 1011)
  t.notMatch(reason, /secret/)
})

void t.test('who comes without a WebSocket is told', async (t) => {
  const { route } = (await bench(t)).tails
  const request = { query: new URLSearchParams({ query }), headers: {} } as unknown as Request
  t.match(await route.handle(request, undefined as never), { status: 400, body: /for WebSockets/ })
  const bad = { ...request, query: new URLSearchParams({ query: '{app=' }) }
  t.match(await route.handle(bad, undefined as never), { status: 400, body: /parse error/ })
})
