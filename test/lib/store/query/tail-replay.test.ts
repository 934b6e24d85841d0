/** The recorded sessions of tailing the real Loki, replayed over WebSockets against a store. */
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import t from 'tap'
import { WebSocket } from 'undici'
import { StoreHarness, storeFolder } from '../../../support/store-harness.ts'
import { webSocketEvent } from '../../../support/web-socket-event.ts'

type Labels = Readonly<Record<string, string>>
type Line = readonly [at: number, line: string, metadata?: Labels]
type Pushed = readonly [labels: Labels, ...lines: Line[]]

interface Streams {
  readonly streams: readonly { readonly stream: Labels; readonly values: readonly [string, string][] }[]
}

type SessionEvent =
  | { readonly event: 'open' }
  | { readonly event: 'message'; readonly data: Streams }
  | { readonly event: 'refused'; readonly status: number }
  | { readonly event: 'close'; readonly code: number }

/** Times are milliseconds since the session began, t0. */
interface Session {
  readonly name: string
  readonly params: Labels
  readonly pushedBefore: readonly Pushed[]
  readonly pushedLive: readonly { readonly status: number; readonly streams: readonly Pushed[] }[]
  readonly events: readonly SessionEvent[]
}

const sessions = JSON.parse(readFileSync('fixtures/logql/tail.json', 'utf8')) as readonly Session[]

const nanos = (t0: number, at: number): string => `${t0 + at}000000`

async function push(url: string, streams: readonly Pushed[], t0: number): Promise<number> {
  const body = JSON.stringify({
    streams: streams.map(([stream, ...lines]) => ({
      stream,
      values: lines.map(([at, ...rest]) => [nanos(t0, at), ...rest]),
    })),
  })
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${url}/loki/api/v1/push`, { method: 'POST', headers, body })).status
}

function tailAddress(url: string, { params }: Session, t0: number): string {
  const query = new URLSearchParams(params)
  const start = /^t0([+-]\d+)ms$/.exec(params['start'] ?? '')
  if (start !== null) query.set('start', nanos(t0, Number(start[1])))
  return `${url}/loki/api/v1/tail?${query.toString()}`
}

/** The elements of a message, with times as the recording writes them. */
function toldBy(message: string, t0: number): Streams['streams'] {
  const { streams, ...others } = JSON.parse(message) as Streams
  if (Object.keys(others).length > 0) throw new Error(`expected streams only, found ${message}`)
  return streams.map(({ stream, values }) => ({
    stream,
    values: values.map(([time, line]): [string, string] => {
      const at = Number((BigInt(time) - BigInt(nanos(t0, 0))) / 1_000_000n)
      return [`t0${at < 0 ? '' : '+'}${at}ms`, line]
    }),
  }))
}

interface Replayed {
  readonly told: Streams['streams']
  readonly code: number
  /** Milliseconds from the live pushes to the end. */
  readonly took: number
}

/** Tails until `wanted` lines have come, or the server ends it, however they are cut into messages. */
async function replay(url: string, session: Session, wanted: number): Promise<Replayed> {
  const t0 = Date.now()
  if (session.pushedBefore.length > 0) await push(url, session.pushedBefore, t0)
  const socket = new WebSocket(tailAddress(url.replace('http', 'ws'), session, t0))
  const told: Streams['streams'][number][] = []
  socket.addEventListener('message', ({ data }) => {
    told.push(...toldBy(String(data), t0))
    if (told.length >= wanted) socket.close()
  })
  const closed = webSocketEvent(socket, 'close')
  await webSocketEvent(socket, 'open')
  const began = performance.now()
  for (const { streams, status } of session.pushedLive) {
    const found = await push(url, streams, t0)
    if (found !== status) throw new Error(`expected the push to be answered ${status}, found ${found}`)
  }
  const { code } = await closed
  return { told, code, took: performance.now() - began }
}

/** The status of a handshake that is answered, `101` for one that is accepted. */
async function handshakeStatus(address: string): Promise<number | undefined> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  return await new Promise((resolve, reject) => {
    request(address, { headers, agent: false })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('upgrade', ({ statusCode }, socket) => {
        socket.destroy()
        resolve(statusCode)
      })
      .on('error', reject)
      .end()
  })
}

void t.test('recorded sessions', async (t) => {
  const path = await storeFolder((run) => t.teardown(run))
  const harness = new StoreHarness({ path })
  await harness.component.start!()
  t.teardown(() => harness.end())
  const { url } = harness
  // Their streams differ, so that they do not meet.
  await Promise.all(
    sessions.map(async (session) => {
      const { name, params, events } = session
      const refused = events.find((each) => each.event === 'refused')
      if (refused !== undefined) {
        t.equal(await handshakeStatus(tailAddress(url, session, Date.now())), refused.status, name)
        return
      }
      const expected = events.flatMap((each) => (each.event === 'message' ? each.data.streams : []))
      const { told, code, took } = await replay(url, session, expected.length)
      t.strictSame(told, expected, name)
      t.equal(code, events.find((each) => each.event === 'close')?.code, `${name}: close`)
      const delay = Number(params['delay_for'] ?? 0) * 1000
      // Clocks that run beside each other may differ by a little.
      t.ok(took > delay - 50, `${name}: held back for ${delay} ms`)
    }),
  )
  t.equal(sessions.length, 5)
})
