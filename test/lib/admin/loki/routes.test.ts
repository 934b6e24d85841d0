/** The page's way to the Lokis of the config, through a running service. */
import { createHash } from 'node:crypto'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import type { PageStatus } from '../../../../lib/page/status.ts'
import { adminService, type AdminService } from '../../../support/admin-service.ts'

interface Upstream {
  readonly url: string
  readonly asked: IncomingMessage[]
}

const PAIR = 'Basic bWU6cGxhbnRlZC1wYXNzd29yZA=='

async function upstream(tap: Test): Promise<Upstream> {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    if (request.url!.includes('labels'))
      response.writeHead(400, { 'content-type': 'text/html' }).end('<b>bad</b>')
    else
      response
        .writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b' })
        .end('{"status":"success"}')
  })
  server.on('upgrade', (request, socket) => {
    asked.push(request)
    const key = request.headers['sec-websocket-key']!
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\nframe`,
    )
    socket.on('data', (chunk: Buffer) => socket.write(`echo ${chunk.toString()}`))
    socket.on('error', () => socket.destroy())
    socket.on('end', () => socket.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  tap.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

async function withLoki(tap: Test, url: string): Promise<AdminService> {
  const admin = await adminService(
    tap.testdir(),
    `loki.write "far" {
  endpoint {
    url       = "http://me:planted-password@${url}/base/loki/api/v1/push"
    tenant_id = "team"
    headers   = {"X-Extra" = "yes"}
  }
  endpoint { url = "http://127.0.0.1:9/custom/push" }
  endpoint {
    name = "off"
    url  = "http://127.0.0.1:9/loki/api/v1/push"
  }
}
`,
  )
  tap.teardown(() => admin.service.stop())
  return admin
}

const ROOT = '/api/v0/logstream/loki/loki.write.far%2F0/'

void t.test('the Lokis of the config, without their credentials', async (tap) => {
  const { get } = await withLoki(tap, '127.0.0.1:9')
  const answer = await get('/api/v0/logstream/status')
  const { sources } = JSON.parse(answer.text) as PageStatus
  tap.same(sources, [
    {
      name: 'loki.write.far/0',
      kind: 'loki',
      url: 'http://127.0.0.1:9/base',
      path: 'api/v0/logstream/loki/loki.write.far%2F0/',
    },
    {
      name: 'loki.write.far/off',
      kind: 'loki',
      url: 'http://127.0.0.1:9',
      path: 'api/v0/logstream/loki/loki.write.far%2Foff/',
    },
  ])
  tap.notMatch(answer.text, 'planted')
})

void t.test(
  'a query goes out with the credentials of the config, not with those of the browser',
  async (tap) => {
    const loki = await upstream(tap)
    const { get } = await withLoki(tap, loki.url)
    const headers = {
      authorization: 'Basic eDp5',
      cookie: 'session=1',
      'x-scope-orgid': 'another',
      'x-loki-response-encoding-flags': 'categorize-labels',
    }
    const query = '?query=%7Ba%3D%22b%26c%22%7D&limit=5'
    const answer = await get(`${ROOT}loki/api/v1/query_range${query}`, { headers })
    tap.match(answer, { status: 200, text: '{"status":"success"}' })
    tap.equal(answer.headers['set-cookie'], undefined)
    const [asked] = loki.asked
    tap.equal(asked!.url, `/base/loki/api/v1/query_range${query}`)
    tap.match(asked!.headers, {
      authorization: PAIR,
      'x-scope-orgid': 'team',
      'x-extra': 'yes',
      'x-loki-response-encoding-flags': 'categorize-labels',
      cookie: undefined,
    })
  },
)

void t.test('what a Loki answers is never a page', async (tap) => {
  const loki = await upstream(tap)
  const { get } = await withLoki(tap, loki.url)
  const answer = await get(`${ROOT}loki/api/v1/labels`)
  tap.match(answer, {
    status: 400,
    text: '<b>bad</b>',
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'",
    },
  })
})

void t.test('nothing is pushed, deleted, or asked elsewhere', async (tap) => {
  const loki = await upstream(tap)
  const { get } = await withLoki(tap, loki.url)
  for (const path of [
    'loki/api/v1/push',
    'loki/api/v1/delete?query=x',
    'loki/api/v1/label/../../../admin/values',
    'loki/api/v1/label/%2e%2e/%2e%2e/x',
    'config',
    'loki/api/v1/query/../push',
    '',
  ])
    tap.match(await get(`${ROOT}${path}`), { status: 404 }, path)
  tap.match(await get(`${ROOT}loki/api/v1/query`, { method: 'POST' }), { status: 405 })
  tap.match(await get('/api/v0/logstream/loki/none/loki/api/v1/labels'), { status: 404 })
  tap.same(loki.asked, [])
  const cross = { headers: { 'sec-fetch-site': 'cross-site' } }
  tap.match(await get(`${ROOT}loki/api/v1/labels`, cross), { status: 403 })
})

void t.test('a Loki that is not there', async (tap) => {
  const { get } = await withLoki(tap, '127.0.0.1:9')
  const answer = await get(`${ROOT}loki/api/v1/labels`)
  tap.match(answer, { status: 502, text: /cannot reach http:\/\/127\.0\.0\.1:9\/base: .*ECONNREFUSED/ })
  tap.notMatch(answer.text, 'planted')
})

void t.test('a tail is passed through, and ended with the service', async (tap) => {
  const loki = await upstream(tap)
  const { service } = await withLoki(tap, loki.url)
  const client = httpRequest(`${service.url}${ROOT}loki/api/v1/tail?query=%7Ba%3D%22b%22%7D`, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
      'sec-websocket-extensions': 'permessage-deflate',
    },
  }).end()
  const [response, socket, head] = (await once(client, 'upgrade')) as [
    IncomingMessage,
    NodeJS.ReadWriteStream & { destroy(): void },
    Buffer,
  ]
  tap.equal(response.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  const [asked] = loki.asked
  tap.equal(asked!.url, '/base/loki/api/v1/tail?query=%7Ba%3D%22b%22%7D')
  tap.match(asked!.headers, {
    authorization: PAIR,
    'x-loki-response-encoding-flags': 'categorize-labels',
    'sec-websocket-extensions': undefined,
  })
  let seen = head.toString()
  socket.on('data', (chunk: Buffer) => (seen += chunk.toString()))
  while (!seen.includes('frame')) await once(socket, 'data')
  socket.write('hello')
  while (!seen.includes('echo hello')) await once(socket, 'data')
  const ended = once(socket, 'close')
  await service.stop()
  await ended
  tap.pass('no socket keeps the server open')
})
