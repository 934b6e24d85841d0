/** A request whose body is read late. */
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { connectionsTo } from '../../../../lib/net/client/proxy.ts'
import { Requests } from '../../../../lib/net/s3/requests.ts'

const PROXY = {
  proxy_url: '',
  no_proxy: '',
  proxy_from_environment: false,
  proxy_connect_header: new Map<string, never[]>(),
}
/** What Node reads from a socket at once; undici holds a body back from here on unless it is told otherwise. */
const BODY = Buffer.alloc(64 * 1024, 'x')

void t.test('the server closes the connection before the body is read', async (tap) => {
  const server = createServer((socket) =>
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${BODY.length}\r\nconnection: close\r\n\r\n`)
      socket.end(BODY)
      socket.once('close', () => server.emit('gone'))
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  tap.teardown(() => server.close())
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/logs`)
  const connections = connectionsTo(url, {
    tls: { rejectUnauthorized: true },
    proxy: PROXY,
    connections: 1,
  })
  const requests = new Requests({
    settings: { bucket: 'logs', prefix: '', region: 'r', url },
    connections,
    keys: {
      keys: () => Promise.resolve({ accessKeyId: 'a', secretAccessKey: 's' }),
      forget: () => {},
    },
    timeoutMs: 10_000,
  })
  tap.teardown(() => requests.close())
  const gone = once(server, 'gone')
  const { taken } = await requests.send(
    { method: 'GET', key: 'key' },
    new AbortController().signal,
    async (response) => {
      await gone
      return await response.whole(BODY.length)
    },
  )
  tap.ok(taken?.equals(BODY))
})
