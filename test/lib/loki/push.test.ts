/** Pushes over HTTP: credentials, headers, TLS and proxies, each against a real server. */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { startFakeLoki, type FakeLoki } from '../../support/fake-loki.ts'
import { endpoint, tempDir, WriteHarness } from '../../support/write-harness.ts'

/** Pushes one line with the given settings and gives the headers that arrived. */
async function headersWith(loki: FakeLoki, more: Record<string, unknown>): Promise<IncomingHttpHeaders> {
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl, more)] })
  await sink.write(['x'])
  await sink.until('delivered', 1)
  await sink.end()
  return loki.pushes.at(-1)!.headers
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

void t.test('credentials', async (t) => {
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const folder = await tempDir(t)
  const file = join(folder, 'secret')
  await writeFile(file, 'from-file\n')
  const cases: [Record<string, unknown>, string | undefined][] = [
    [{}, undefined],
    [{ basic_auth: { username: 'u', password: 'p:ä' } }, basic('u:p:ä')],
    [{ basic_auth: { username: 'u', password_file: file } }, basic('u:from-file')],
    [{ bearer_token: 'token' }, 'Bearer token'],
    [{ bearer_token_file: file }, 'Bearer from-file'],
    [{ authorization: { credentials: 'abc' } }, 'Bearer abc'],
    [{ authorization: { type: 'Custom', credentials_file: file } }, 'Custom from-file'],
    [{ url: loki.pushUrl.replace('//', '//me:pass%20word@') }, basic('me:pass word')],
  ]
  for (const [options, expected] of cases)
    t.equal((await headersWith(loki, options)).authorization, expected, JSON.stringify(options))
})

void t.test('credentials in a file are read again for each push', async (t) => {
  const file = join(await tempDir(t), 'token')
  await writeFile(file, 'old')
  const loki = await startFakeLoki({
    respond: ({ headers }) => (headers.authorization === 'Bearer new' ? 204 : 401),
  })
  t.teardown(() => loki.close())
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl, { bearer_token_file: file })] })
  await sink.write(['x'])
  await loki.waitUntil(() => loki.pushes.length > 0)
  await writeFile(file, 'new')
  await sink.until('delivered', 1)
  t.equal(await sink.end(), undefined)
})

void t.test('no secret is logged or shown', async (t) => {
  const loki = await startFakeLoki({ respond: () => 401 })
  t.teardown(() => loki.close())
  const url = loki.pushUrl.replace('//', '//user:hunter2@')
  const sink = new WriteHarness(
    { endpoint: [endpoint(url, { http_headers: { 'X-Key': ['hunter3'] } })] },
    { dataDir: await tempDir(t) },
  )
  await sink.write(['x'])
  await sink.until('spooled', 1)
  const shown = JSON.stringify(sink.component.status?.()) + sink.log.join('\n')
  t.notMatch(shown, /hunter/)
  t.match(shown, /redacted@127/)
  await sink.end(0)
})

void t.test(
  'an answer without a text is told by the name of its status, a redirect by where it leads',
  async (t) => {
    const cases: [status: number, headers: Record<string, string>, shown: RegExp][] = [
      [401, {}, /status=401 reason="Unauthorized; check tenant_id/],
      [
        307,
        { location: '/other/push' },
        /reason="Temporary Redirect; pushes follow no redirects: set the url to http:\/\/127\.0\.0\.1:\d+\/other\/push"/,
      ],
    ]
    for (const [status, headers, shown] of cases) {
      const loki = await startFakeLoki({ respond: () => ({ status, body: '', headers }) })
      const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl)] }, { dataDir: await tempDir(t) })
      await sink.write(['x'])
      await sink.until('spooled', 1)
      await sink.end(0)
      t.match(sink.log.join('\n'), shown)
      await loki.close()
    }
  },
)

void t.test('configured headers', async (t) => {
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const headers = await headersWith(loki, {
    headers: {
      'X-One': '1',
      'User-Agent': 'no',
      'content-type': 'no',
      'X-Scope-OrgID': 'kept without tenant',
    },
    http_headers: { 'X-Many': ['a', 'b'] },
  })
  t.match(headers, {
    'x-one': '1',
    'x-many': 'a, b',
    'user-agent': /^logstream/,
    'content-type': 'application/x-protobuf',
    'x-scope-orgid': 'kept without tenant',
  })
  t.equal(headers['content-encoding'], undefined)
})

void t.test('redirects are not followed', async (t) => {
  const loki = await startFakeLoki({ respond: () => ({ status: 302, headers: { location: '/elsewhere' } }) })
  t.teardown(() => loki.close())
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl)] }, { dataDir: await tempDir(t) })
  await sink.write(['x'])
  await sink.until('spooled', 1)
  t.equal(await sink.end(0), undefined)
})

void t.test('OAuth 2.0: a token by basic authentication or in the form, kept until it expires', async (t) => {
  const forms: string[] = []
  let known = 'form'
  const loki = await startFakeLoki({
    other: (request, body, response) => {
      forms.push(`${request.headers.authorization ?? '-'} ${body.toString()}`)
      const inForm = body.includes('client_secret')
      if (inForm !== (known === 'form')) response.writeHead(401).end('{"error":"invalid_client"}')
      else
        response.end(
          JSON.stringify({
            access_token: `t${forms.length}`,
            token_type: 'bearer',
            expires_in: known === 'form' ? 11 : 3600,
          }),
        )
    },
  })
  t.teardown(() => loki.close())
  const oauth2 = {
    client_id: 'id',
    client_secret: 'a b',
    token_url: `${loki.url}/token`,
    scopes: ['one', 'two'],
    endpoint_params: { audience: 'loki' },
  }
  t.equal((await headersWith(loki, { oauth2 })).authorization, 'Bearer t2')
  t.same(forms, [
    `${basic('id:a%20b')} grant_type=client_credentials&scope=one+two&audience=loki`,
    '- grant_type=client_credentials&scope=one+two&audience=loki&client_id=id&client_secret=a+b',
  ])
  known = 'basic'
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl, { oauth2 })] })
  for (const line of ['x', 'y']) await sink.write([line])
  await loki.waitFor(3)
  await sink.write(['z'])
  t.equal(await sink.end(), undefined)
  t.equal(forms.length, 3, 'one token for all pushes')
})

void t.test(
  'TLS: only a server that is trusted, and with a client certificate where it is wanted',
  async (t) => {
    const folder = await tempDir(t)
    const at = (name: string): string => join(folder, name)
    const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' })
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:loki.test']
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
    openssl('req', '-x509', ...ec, '-keyout', at('key.pem'), '-out', at('cert.pem'), ...subject)
    const cert = await readFile(at('cert.pem'), 'utf8')
    const key = await readFile(at('key.pem'), 'utf8')
    const loki = await startFakeLoki({ tls: { cert, key, ca: cert } })
    t.teardown(() => loki.close())
    const client = { cert_file: at('cert.pem'), key_pem: key }
    const works = [
      { ca_pem: cert, ...client },
      { ca_file: at('cert.pem'), ...client, min_version: 'TLS13' },
      { insecure_skip_verify: true, ...client },
      { ca_pem: cert, server_name: 'loki.test', ...client },
    ]
    for (const tls_config of works) t.ok(await headersWith(loki, { tls_config }))
    const fails: [Record<string, unknown>, RegExp][] = [
      [{ ...client }, /self-signed certificate/],
      [{ ca_pem: cert, server_name: 'other.test', ...client }, /does not match/],
      [{ ca_pem: cert }, /no answer/],
    ]
    for (const [tls_config, message] of fails) {
      const sink = new WriteHarness({
        endpoint: [endpoint(loki.pushUrl, { tls_config, queue_config: { drain_timeout: '1s' } })],
      })
      await sink.write(['x'])
      t.match(await sink.end(), { code: 'DELIVERY' })
      t.match(sink.component.status?.(), { endpoints: [{ lastError: message }] })
    }
    t.throws(
      () => new WriteHarness({ endpoint: [endpoint(loki.pushUrl, { tls_config: { ca_file: at('none') } })] }),
      {
        code: 'IO',
      },
    )
  },
)

void t.test('proxies', async (t) => {
  const seen: string[] = []
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`)
    const { host: _, ...headers } = request.headers
    const onward = httpRequest(request.url!, { method: 'POST', headers }, (answer) => {
      response.writeHead(answer.statusCode!)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
  proxy.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`)
    const [host, port] = request.url!.split(':')
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    onward.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  const loki = await startFakeLoki()
  t.teardown(async () => {
    await loki.close()
    proxy.closeAllConnections()
    proxy.close()
  })
  const proxy_url = `http://me:secret@127.0.0.1:${port}`
  await headersWith(loki, { proxy_url })
  t.same(seen, [`POST ${loki.pushUrl} ${basic('me:secret')}`])
  await headersWith(loki, { proxy_url, no_proxy: 'example.org,127.0.0.0/8' })
  t.equal(seen.length, 1, 'reached directly')
})
