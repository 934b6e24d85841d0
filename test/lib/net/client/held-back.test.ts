/** Connections that end while the body of an answer is held back. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import type { Dispatcher } from 'undici'
import { connectionsTo } from '../../../../lib/net/client/proxy.ts'
import { until } from '../../../support/component-run.ts'

/** As many bytes as undici keeps of a body before it stops to read. */
const BODY = Buffer.alloc(64 * 1024, 'x')
const CHUNK = Buffer.concat([Buffer.from('10000\r\n'), BODY])

interface Held {
  readonly body: Dispatcher.ResponseData['body']
  /** The server's end. */
  readonly socket: Socket
}

/** An answer that waits to be read, of a server that has sent `head` and `sent`. */
async function held(tap: Test, head: string, sent: Buffer, proxied: boolean): Promise<Held> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () =>
      socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n`), sent])),
    )
  })
  const connected = once(server, 'connection') as Promise<[Socket]>
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  tap.teardown(() => server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = new URL(proxied ? 'http://loki.example' : origin)
  const connections = connectionsTo(url, {
    tls: { rejectUnauthorized: true },
    proxy: {
      proxy_url: proxied ? origin : '',
      no_proxy: '',
      proxy_from_environment: false,
      proxy_connect_header: new Map(),
    },
    connections: null,
  })
  tap.teardown(() => connections.destroy())
  const { body } = await connections.request({ origin: url.origin, path: '/', method: 'GET' })
  await until(() => body.readableLength === BODY.length)
  const [socket] = await connected
  return { body, socket }
}

const CLOSE = 'connection: close\r\n'
const LENGTH = `content-length: ${BODY.length}\r\n`
const LONGER = `content-length: ${BODY.length + 1}\r\n`
const CHUNKED = 'transfer-encoding: chunked\r\n'

for (const proxied of [false, true])
  void t.test(proxied ? 'through a proxy' : 'straight', async (tap) => {
    for (const [name, head] of [
      ['a body to the end of the connection', ''],
      ['a body with a length', `${LENGTH}${CLOSE}`],
      ['a body with a length, on a connection that should be kept', LENGTH],
    ] as const)
      await tap.test(`${name} is whole when the server closes`, async (each) => {
        const { body, socket } = await held(each, head, BODY, proxied)
        socket.end()
        await once(socket, 'close')
        each.ok((await buffer(body)).equals(BODY))
      })
    for (const [name, head, sent] of [
      ['a body with a length', `${LONGER}${CLOSE}`, BODY],
      ['a body with a length, on a connection that should be kept', LONGER, BODY],
      ['a body in chunks', `${CHUNKED}${CLOSE}`, CHUNK],
    ] as const)
      await tap.test(`${name} that lacks its end fails`, async (each) => {
        const { body, socket } = await held(each, head, sent, proxied)
        socket.end()
        await each.rejects(once(body, 'end'))
      })
    for (const [name, head, sent] of [
      ['a body to the end of the connection', '', BODY],
      ['a body with a length', `${LENGTH}${CLOSE}`, BODY],
      ['a body in chunks', `${CHUNKED}${CLOSE}`, CHUNK],
    ] as const)
      await tap.test(`${name} fails when the connection breaks`, async (each) => {
        const { body, socket } = await held(each, head, sent, proxied)
        socket.resetAndDestroy()
        await each.rejects(once(body, 'end'), { code: 'ECONNRESET' })
      })
  })

void t.test('a slow reader gets the whole of a long body', async (tap) => {
  const long = Buffer.concat(Array.from({ length: 33 }, () => BODY))
  const { body, socket } = await held(tap, '', BODY, false)
  socket.end(long)
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  tap.equal(bytes, BODY.length + long.length)
})
