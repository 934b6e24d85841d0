import { request } from 'node:http'
import t from 'tap'
import { text, type Route } from '../../../lib/http/router.ts'
import { startServer } from '../../../lib/http/server.ts'
import { createLogger } from '../../../lib/telemetry/log.ts'

interface Got {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

async function get(
  url: string,
  method = 'GET',
  headers: Readonly<Record<string, string>> = {},
): Promise<Got> {
  return await new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }))
    })
      .on('error', reject)
      .end()
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
    'content-security-policy': /default-src 'self'/,
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
