import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket } from 'undici'
import { handshakeProblem, WebSocketClient } from '../../../../lib/store/query/websocket.ts'

const good = {
  connection: 'keep-alive, Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

void t.test('handshakes', (t) => {
  t.equal(handshakeProblem(good), undefined)
  t.match(handshakeProblem({}), /for WebSockets/)
  t.match(handshakeProblem({ ...good, connection: 'close' }), /for WebSockets/)
  t.match(handshakeProblem({ ...good, 'sec-websocket-version': '8' }), /13, found 8/)
  t.match(handshakeProblem({ ...good, 'sec-websocket-key': 'short' }), /16 bytes/)
  t.end()
})

/** A client and the server's side of it. */
async function connect(
  t: Test,
): Promise<{ socket: WebSocket; client: WebSocketClient; gone: Promise<void> }> {
  const server = createServer()
  const accepted = new Promise<{ client: WebSocketClient; gone: Promise<void> }>((resolve) => {
    server.on('upgrade', (request, socket, head) => {
      let left = (): void => {}
      const gone = new Promise<void>((done) => (left = done))
      resolve({ client: new WebSocketClient(socket, request.headers, head, left), gone })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await once(socket as unknown as EventTarget, 'open')
  const found = await accepted
  t.teardown(() => {
    found.client.destroy()
    server.close()
  })
  return { socket, ...found }
}

void t.test('messages of all lengths, pings on the side', async (t) => {
  const { socket, client } = await connect(t)
  for (const length of [0, 200, 70_000]) {
    const message = once(socket as unknown as EventTarget, 'message')
    client.ping()
    client.send('x'.repeat(length))
    const [event] = (await message) as [{ data: string }]
    t.equal(event.data.length, length)
  }
})

void t.test('the server says goodbye', async (t) => {
  const { socket, client, gone } = await connect(t)
  const closed = once(socket as unknown as EventTarget, 'close')
  client.close(1011, 'reason')
  t.equal(client.open, false)
  const [event] = (await closed) as [{ code: number; reason: string }]
  t.strictSame([event.code, event.reason], [1011, 'reason'])
  await gone
})

void t.test('the client says goodbye', async (t) => {
  const { socket, client, gone } = await connect(t)
  const closed = once(socket as unknown as EventTarget, 'close')
  socket.close(1000)
  const [event] = (await closed) as [{ code: number; wasClean: boolean }]
  t.strictSame([event.code, event.wasClean], [1000, true])
  await gone
  t.equal(client.open, false)
})
