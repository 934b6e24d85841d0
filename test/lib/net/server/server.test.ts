import { request } from 'node:http'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { text, type Route } from '../../../../lib/net/server/router.ts'
import { startServer, type HttpServer } from '../../../../lib/net/server/server.ts'
import { createLogger, SILENT } from '../../../../lib/telemetry/log.ts'

interface Got {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

async function get(
  url: string,
  method = 'GET',
  headers: Readonly<Record<string, string>> = {},
  sent = '',
): Promise<Got> {
  return await new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }))
    })
      .on('error', reject)
      .end(sent)
  })
}

const routes: readonly Route[] = [
  { methods: ['GET'], path: '/ok', handle: ({ query }) => text(200, `hello ${query.get('who')}`) },
  { methods: ['GET'], path: '/later', handle: async () => await Promise.resolve(text(202, 'later')) },
  {
    methods: ['GET'],
    path: '/own',
    handle: (_request, response) => {
      response.end('own')
      return undefined
    },
  },
  {
    methods: ['GET'],
    path: '/broken',
    handle: () => {
      throw new Error('it broke')
    },
  },
]

void t.test('answers, guards, and closes', async (tap) => {
  const logged: string[] = []
  const log = createLogger({ level: 'error', format: 'logfmt' }, (line) => logged.push(line))
  const server = await startServer({ listen: '127.0.0.1:0', routes, log, allowedHosts: ['logs.example'] })
  tap.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  const ok = await get(`${server.url}/ok?who=you`)
  tap.match(ok, { status: 200, body: 'hello you\n' })
  tap.match(ok.headers, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-security-policy': /default-src 'none'/,
    'content-length': '10',
  })
  tap.match(await get(`${server.url}/ok?who=you`, 'HEAD'), {
    status: 200,
    body: '',
    headers: { 'content-length': '10' },
  })
  tap.match(await get(`${server.url}/later`), { status: 202, body: 'later\n' })
  tap.match(await get(`${server.url}/own`), { status: 200, body: 'own' })
  tap.match(await get(`${server.url}/none`), { status: 404 })
  tap.match(await get(`${server.url}/ok`, 'POST'), { status: 405 })
  tap.match(await get(`${server.url}/broken`), { status: 500, body: /internal error/ })
  tap.match(logged, [/it broke/])
  tap.match(await get(`${server.url}/ok`, 'GET', { host: 'evil.example' }), { status: 403 })
  tap.match(await get(`${server.url}/ok`, 'GET', { host: 'logs.example' }), { status: 200 })
  tap.match(await get(`${server.url}/ok`, 'GET', { origin: 'http://evil.example' }), { status: 403 })
  await tap.rejects(startServer({ listen: server.url.slice('http://'.length), routes, log }), {
    code: 'LISTEN',
    message: /the port is taken/,
  })
  await server.close()
  await tap.rejects(get(`${server.url}/ok`), { code: 'ECONNREFUSED' })
})

/** A server whose handler of upgrades says what it was given and hangs up. */
async function upgrading(t: Test): Promise<{ server: HttpServer; asked: string[] }> {
  const asked: string[] = []
  const echo: Route = {
    methods: ['POST'],
    path: '/echo',
    handle: async ({ raw }) => {
      let body = ''
      for await (const chunk of raw) body += String(chunk)
      return text(200, `${body} ${raw.headers.upgrade}`)
    },
  }
  const server = await startServer({
    listen: '127.0.0.1:0',
    routes: [...routes, echo],
    log: SILENT,
    upgrade: ({ path, query }, socket, head) => {
      asked.push(path)
      socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${query.get('who')} ${head.toString()}`)
    },
  })
  t.teardown(() => server.close())
  return { server, asked }
}

/** Everything that comes back for a request for a WebSocket, until the server hangs up. */
async function askUpgrade(
  { url }: HttpServer,
  { path = '/tail', headers = [], body = '' }: { path?: string; headers?: readonly string[]; body?: string },
): Promise<string> {
  const { port, host } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  const head = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: WebSocket',
    ...headers,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}

void t.test('who may have a WebSocket is handed over, with what came along', async (t) => {
  const { server, asked } = await upgrading(t)
  const answer = await askUpgrade(server, { path: '/tail?who=you', body: 'early' })
  t.match(answer, /^HTTP\/1\.1 101 [^]*\r\n\r\nyou early$/)
  t.strictSame(asked, ['/tail'])
})

void t.test('guard and authentication come before an upgrade', async (t) => {
  const { server, asked } = await upgrading(t)
  const upgrade = (header: string): Promise<string> => askUpgrade(server, { headers: [header] })
  t.match(await upgrade('Origin: http://evil.example'), /^HTTP\/1\.1 403 /)
  await server.configure({ auth: { basic: { username: 'me', password: 'secret' } } })
  const basic = (password: string): string =>
    `Authorization: Basic ${Buffer.from(`me:${password}`).toString('base64')}`
  t.match(await upgrade(basic('wrong')), /^HTTP\/1\.1 401 [^]*www-authenticate: Basic/)
  t.strictSame(asked, [])
  t.match(await upgrade(basic('secret')), /^HTTP\/1\.1 101 /)
})

void t.test('an offer of HTTP/2 is passed over, and the request answered', async (t) => {
  const { server, asked } = await upgrading(t)
  const headers = {
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAARAAAAAAAIAAAAA',
  }
  const { status, body } = await get(`${server.url}/echo?who=you`, 'POST', headers, 'hello')
  t.strictSame([status, body], [200, 'hello undefined\n'])
  t.strictSame(asked, [])
})
