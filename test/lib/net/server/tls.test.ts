import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { request as plainRequest } from 'node:http'
import { connect } from 'node:net'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { defaultsOf } from '../../../../lib/component/decode.ts'
import { secret } from '../../../../lib/component/fields.ts'
import { text } from '../../../../lib/net/server/router.ts'
import {
  startServer,
  type HttpServer,
  type HttpSettings,
  type ServerOptions,
} from '../../../../lib/net/server/server.ts'
import { serverTlsFields, type ServerTls } from '../../../../lib/net/server/tls-fields.ts'
import { tlsOptions } from '../../../../lib/net/server/tls.ts'
import { createLogger } from '../../../../lib/telemetry/log.ts'
import { selfSigned, signedBy, type Certificate } from '../../../support/certificates.ts'

const NOTHING: ServerTls = defaultsOf(serverTlsFields)

const inFiles = ({ certFile, keyFile }: Certificate): ServerTls => ({
  ...NOTHING,
  cert_file: certFile,
  key_file: keyFile,
})

const keyOf = (pem: string) => ({ ...secret.zero, text: pem })

async function start(
  tap: Test,
  settings?: HttpSettings,
  options: Partial<ServerOptions> = {},
): Promise<{ server: HttpServer; port: number; logged: string[] }> {
  const logged: string[] = []
  const server = await startServer({
    listen: '127.0.0.1:0',
    routes: [{ methods: ['GET'], path: '/', handle: () => text(200, 'hello') }],
    log: createLogger({ level: 'info', format: 'logfmt' }, (line) => logged.push(line)),
    ...options,
  })
  tap.teardown(() => server.close())
  if (settings !== undefined) await server.configure(settings)
  return { server, port: Number(new URL(server.url).port), logged }
}

type Answered = { status: number | undefined; serial: string | undefined }

// With an agent the connection is kept; without one there is a fresh one.
async function get(url: string, options: ConnectionOptions & { agent?: Agent } = {}): Promise<Answered> {
  return await new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? request : plainRequest
    ask(url, { agent: false, rejectUnauthorized: false, ...options }, (response) => {
      const socket = response.socket as TLSSocket
      const serial = socket.encrypted ? socket.getPeerCertificate().serialNumber : undefined
      response.resume().on('end', () => resolve({ status: response.statusCode, serial }))
    })
      .on('error', reject)
      .end()
  })
}

interface Agreed {
  readonly protocol: string | null
  readonly cipher: string
  readonly curve: string | undefined
}

// What was agreed on in a handshake; rejects where there was none, also when the server ends it only afterwards (TLS 1.3).
async function handshake(port: number, options: ConnectionOptions = {}): Promise<Agreed> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  let agreed: Agreed | undefined
  let answered = false
  socket.on('secureConnect', () => {
    const { name } = socket.getEphemeralKeyInfo() as { name?: string }
    agreed = { protocol: socket.getProtocol(), cipher: socket.getCipher().name, curve: name }
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
  })
  socket.on('data', () => (answered = true))
  await once(socket, 'close')
  if (agreed === undefined || !answered) throw new Error('no answer')
  return agreed
}

void t.test('certificates from files and as text', async (tap) => {
  const pair = selfSigned(tap.testdir(), 'a')
  for (const tls of [inFiles(pair), { ...NOTHING, cert_pem: pair.cert, key_pem: keyOf(pair.key) }]) {
    const { server } = await start(tap, { tls })
    tap.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/)
    tap.match(await get(server.url, { ca: pair.cert, rejectUnauthorized: true }), { status: 200 })
    await tap.rejects(get(server.url.replace('https', 'http')), 'no plain HTTP')
  }
})

void t.test('what cannot work says why, and never shows a key', (tap) => {
  const dir = tap.testdir({ 'no.pem': 'nothing' })
  const pair = selfSigned(dir, 'a')
  const other = selfSigned(dir, 'b')
  const good = inFiles(pair)
  const cases: [Partial<ServerTls>, string, RegExp][] = [
    [{ cert_file: '' }, 'cert_file', /needs a certificate: add cert_file or cert_pem/],
    [{ key_file: '' }, 'key_file', /needs the key of its certificate/],
    [{ cert_pem: pair.cert }, 'cert_file', /keep one of them/],
    [{ key_pem: keyOf(pair.key) }, 'key_file', /keep one of them/],
    [{ cert_file: `${dir}/none` }, 'cert_file', /cannot read ".*none": no such file/],
    [{ cert_file: `${dir}/no.pem` }, 'cert_file', /expected a certificate as PEM/],
    [{ key_file: `${dir}/no.pem` }, 'key_file', /expected a private key as PEM/],
    [{ key_file: other.keyFile }, 'key_file', /doesn't belong to the certificate in cert_file/],
    [{ client_ca_pem: pair.cert }, 'client_auth_type', /client_auth_type is NoClientCert/],
    [
      { min_version: 'TLS13', max_version: 'TLS12' },
      'max_version',
      /max_version TLS12 is below min_version TLS13/,
    ],
    [{ max_version: 'TLS11' }, 'max_version', /below min_version TLS12/],
    [
      { cipher_suites: ['TLS_RSA_WITH_RC4_128_SHA'] },
      'cipher_suites',
      /expected one of .*, found "TLS_RSA_WITH_RC4/,
    ],
    [{ curve_preferences: ['P-256'] }, 'curve_preferences', /expected one of CurveP256, .*, found "P-256"/],
    [
      { client_ca_pem: 'nothing', client_auth_type: 'RequireAndVerifyClientCert' },
      'client_ca_pem',
      /expected a certificate as PEM/,
    ],
  ]
  for (const [change, option, message] of cases) {
    try {
      tlsOptions({ ...good, ...change })
      tap.fail(`${message}`)
    } catch (error) {
      tap.match(error, { code: /^(BAD_CONFIG|IO)$/, option, message })
      tap.notMatch(String(error), pair.key.split('\n')[1]!)
    }
  }
  tap.end()
})

void t.test('versions, cipher suites and curves', async (tap) => {
  const pair = inFiles(selfSigned(tap.testdir(), 'a'))
  const suite = 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'
  const { server, port } = await start(tap, {
    tls: { ...pair, cipher_suites: [suite], curve_preferences: ['CurveP384'] },
  })
  const old = await handshake(port, { maxVersion: 'TLSv1.2' })
  tap.equal(old.cipher, 'ECDHE-ECDSA-AES256-GCM-SHA384')
  tap.match(old.curve, /P-384|secp384r1/)
  tap.equal((await handshake(port)).protocol, 'TLSv1.3', 'suites of TLS 1.3 are always on, as in Go')
  await tap.rejects(handshake(port, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }))
  await tap.rejects(handshake(port, { ecdhCurve: 'X25519' }))
  await server.configure({ tls: { ...pair, min_version: 'TLS13' } })
  await tap.rejects(handshake(port, { maxVersion: 'TLSv1.2' }))
  await server.configure({ tls: { ...pair, max_version: 'TLS12' } })
  tap.equal((await handshake(port)).protocol, 'TLSv1.2')
  await server.configure({ tls: { ...pair, min_version: 'TLS10' } })
  const ancient = { maxVersion: 'TLSv1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' } as const
  tap.equal((await handshake(port, ancient)).protocol, 'TLSv1')
})

void t.test('client certificates', async (tap) => {
  const dir = tap.testdir()
  const pair = selfSigned(dir, 'server')
  const ca = selfSigned(dir, 'ca')
  const good = signedBy(ca, dir, 'client')
  const bad = selfSigned(dir, 'stranger')
  const shown = [undefined, bad, good]
  const cases = [
    ['NoClientCert', '', [true, true, true]],
    ['RequestClientCert', ca.cert, [true, true, true]],
    ['RequireAnyClientCert', ca.cert, [false, true, true]],
    ['VerifyClientCertIfGiven', ca.cert, [true, false, true]],
    ['RequireAndVerifyClientCert', ca.cert, [false, false, true]],
  ] as const
  const { server, port } = await start(tap)
  for (const [client_auth_type, client_ca_pem, expected] of cases) {
    await server.configure({ tls: { ...inFiles(pair), client_auth_type, client_ca_pem } })
    for (let i = 0; i < shown.length; i++) {
      const answered = await handshake(port, { cert: shown[i]?.cert, key: shown[i]?.key }).then(
        () => true,
        () => false,
      )
      tap.equal(answered, expected[i], `${client_auth_type} ${['none', 'stranger', 'known'][i]}`)
    }
  }
})

void t.test('changed settings while connections are open', async (tap) => {
  const dir = tap.testdir()
  const first = selfSigned(dir, 'a')
  const second = selfSigned(dir, 'b')
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  tap.teardown(() => agent.destroy())
  const { server, port } = await start(tap, undefined, { held: true })
  tap.match(await get(server.url), { status: 503 }, 'not before it is known who may ask')
  await server.configure({})
  tap.match(await get(server.url), { status: 200 })

  await server.configure({ tls: inFiles(first) })
  tap.equal(server.url, `https://127.0.0.1:${port}`, 'the same port')
  const kept = await get(server.url, { agent })
  tap.equal(kept.status, 200)

  await server.configure({ tls: inFiles(second), auth: { basic: { username: 'u', password: 'p' } } })
  const fresh = await get(server.url)
  tap.not(fresh.serial, kept.serial, 'another certificate')
  tap.equal(fresh.status, 401)
  const before = await get(server.url, { agent })
  tap.equal(before.serial, kept.serial, 'the connection was not cut')
  tap.equal(before.status, 401, 'and asks for the password as well')

  await tap.rejects(server.configure({ tls: { ...inFiles(first), key_file: second.keyFile } }), {
    code: 'BAD_CONFIG',
  })
  tap.same(await get(server.url), fresh, 'a bad change changes nothing')

  await server.configure({})
  tap.equal(server.url, `http://127.0.0.1:${port}`)
  tap.match(await get(server.url), { status: 200 })
})

void t.test('a certificate that is renewed on disk', async (tap) => {
  const dir = tap.testdir()
  const first = selfSigned(dir, 'a')
  const second = selfSigned(dir, 'b')
  const { server, logged } = await start(tap, { tls: inFiles(first) })
  let now = Date.now()
  const real = Date.now
  Date.now = () => now
  tap.teardown(() => (Date.now = real))
  const { serial } = await get(server.url)
  now += 2000
  writeFileSync(first.certFile, second.cert)
  tap.equal((await get(server.url)).serial, serial, 'half of a pair is not taken')
  tap.match(logged.join('\n'), /certificate cannot be renewed/)
  now += 2000
  writeFileSync(first.keyFile, second.key)
  tap.not((await get(server.url)).serial, serial)
  tap.match(logged.join('\n'), /certificate was renewed/)
})

void t.test('who is too slow is cut off', async (tap) => {
  const limits = { headersMs: 50, requestMs: 100, checkMs: 10 }
  const { port } = await start(tap, {}, { limits })
  for (const [said, status] of [
    ['GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ', 408],
    ['GET / HTTP/1.1\r\nhost: ' + 'x'.repeat(20_000), 431],
    ['nonsense\r\n\r\n', 400],
  ] as const) {
    const socket = connect(port, '127.0.0.1')
    let got = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => (got += chunk))
    socket.write(said)
    await once(socket, 'close')
    tap.match(got, `HTTP/1.1 ${status}`)
  }
})
