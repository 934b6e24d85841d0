import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket } from 'undici'
import type { Answer, Request } from '../../../../lib/net/server/router.ts'
import type { Querier } from '../../../../lib/logql/engine/querier.ts'
import { Arrivals, type ArrivedRows } from '../../../../lib/store/arrivals.ts'
import { Tails } from '../../../../lib/store/query/tail.ts'
import { labelSet } from '../../../../lib/flow/labels.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { answerTo, httpRequest } from '../../../support/http-request.ts'
import { MemoryQuerier } from '../../../support/memory-querier.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { webSocketEvent } from '../../../support/web-socket-event.ts'

interface Bench {
  readonly tails: Tails
  readonly clock: StepClock
  readonly arrivals: Arrivals
  /** The address of a tail with these parameters. */
  readonly url: (parameters: Record<string, string>) => string
}

async function bench(t: Test, most?: number, querier: Querier = new MemoryQuerier()): Promise<Bench> {
  const clock = new StepClock()
  const arrivals = new Arrivals()
  const tails = new Tails({
    querier,
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
  return {
    tails,
    clock,
    arrivals,
    url: (parameters) =>
      `ws://127.0.0.1:${port}/loki/api/v1/tail?${new URLSearchParams(parameters).toString()}`,
  }
}

function line(text: string): ArrivedRows {
  const streams = [{ id: 1, labels: labelSet({ app: 'web' }) }]
  return { streams, times: [1_000_000_000n], lines: [text], metadata: [''], repeats: new Set() }
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

void t.test('lines come as they are stored', async (t) => {
  const { tails, clock, arrivals, url } = await bench(t)
  const socket = new WebSocket(url({ query }))
  await webSocketEvent(socket, 'open')
  t.equal(tails.size, 1)
  for (const text of ['one', 'two']) {
    const message = webSocketEvent(socket, 'message')
    arrivals.publish(line(text))
    t.strictSame(JSON.parse((await until(clock, message)).data), {
      streams: [{ stream: { app: 'web' }, values: [['1000000000', text]] }],
    })
  }
  const closed = webSocketEvent(socket, 'close')
  socket.close()
  await closed
  // The client hears of it first.
  while (tails.size > 0) await new Promise((resolve) => setImmediate(resolve))
  t.equal(tails.size, 0)
})

void t.test('a metric is refused after the upgrade, as in Loki', async (t) => {
  const { tails, url } = await bench(t)
  const { code, reason } = await webSocketEvent(new WebSocket(url({ query: `rate(${query}[1m])` })), 'close')
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
  const querier = new MemoryQuerier()
  querier.entries = () => {
    throw new Error('secret')
  }
  const found = await bench(t, undefined, querier)
  const { code, reason } = await webSocketEvent(new WebSocket(found.url({ query })), 'close')
  t.equal(code, 1011)
  t.notMatch(reason, /secret/)
})

void t.test('who comes without a WebSocket is told', async (t) => {
  const [route] = (await bench(t)).tails.routes
  const ask = (text: string): Promise<Answer | undefined> =>
    answerTo(route!.handle, httpRequest({ query: new URLSearchParams({ query: text }) }))
  t.match(await ask(query), { status: 400, body: /for WebSockets/ })
  t.match(await ask('{app='), { status: 400, body: /parse error/ })
})
