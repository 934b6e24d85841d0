/** `loki.source.api` over real HTTP: what is refused, in pushes and in the config, with memory bounded. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { compressSync } from 'snappy'
import t, { type Test } from 'tap'
import { DELIVERED } from '../../../../lib/flow/outcome.ts'
import { bytesField } from '../../../support/push-request.ts'
import { metric } from '../../../support/source.ts'
import { supervised } from '../../../support/supervised.ts'
import { MIB, json, post, PROTOBUF, protobuf, source, type Push } from './harness.ts'

void t.test('what cannot be read is refused, counted, and nothing of it goes on', async (tap: Test) => {
  const { url, entries, ctx } = await source(tap, { max_send_message_size: '1MiB' })
  const encoded = (encoding: string, type = 'application/json'): Push => ({
    type,
    headers: { 'content-encoding': encoding },
  })
  const bomb = Buffer.alloc(10 * MIB, 0x20)
  // The length that a snappy block claims, and nothing after it.
  const claims = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00])
  const deep = `{"streams":[{"stream":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}},"values":[]}]}`
  const cases: [number, RegExp, string | Buffer, Push][] = [
    [400, /expected JSON/, '{', {}],
    [400, /empty body/, '', {}],
    [400, /nested too deeply/, deep, {}],
    [400, /no media type/, json('x'), { type: ' ' }],
    [400, /"zstd" is not supported/, json('x'), encoded('zstd')],
    [400, /gzip: expected/, gzipSync(json('x')).subarray(0, 20), encoded('gzip')],
    [400, /deflate: expected/, deflateRawSync(json('x')).subarray(0, 10), encoded('deflate')],
    [400, /snappy: expected/, 'not snappy', { type: PROTOBUF }],
    [400, /snappy: expected/, compressSync(protobuf('{a="b"}', 'x')).subarray(0, 10), { type: PROTOBUF }],
    [400, /./, compressSync(protobuf('{a="b"}', 'long line').subarray(0, 12)), { type: PROTOBUF }],
    [413, /larger than 1048576 bytes/, gzipSync(bomb), encoded('gzip')],
    [413, /larger than 1048576 bytes/, deflateRawSync(bomb), encoded('deflate')],
    [413, /larger than 1048576 bytes/, compressSync(bomb), { type: PROTOBUF }],
    [413, /larger than 1048576 bytes/, claims, { type: PROTOBUF }],
    [413, /more than 200000 entries/, 'a\n'.repeat(300_000), { path: '/api/v1/raw' }],
  ]
  for (const [status, message, body, push] of cases) {
    const answer = await post(url, body, push)
    tap.equal(answer.status, status, answer.text)
    tap.match(answer.text, message)
  }
  tap.equal(entries.length, 0)
  tap.equal(metric(ctx, 'logstream_source_api_refused_pushes_total'), cases.length)
  tap.equal((await post(url, json('good'))).status, 204, 'the next one is taken')
})

void t.test('50 MB are refused by default, also without a stated length', async (tap: Test) => {
  const { url } = await source(tap)
  const stated = await post(url, Buffer.alloc(50e6, 0x20))
  tap.strictSame(
    [stated.status, stated.text.slice(0, 41)],
    [413, 'the push is larger than 16777216 bytes, p'],
  )
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(
    'POST /loki/api/v1/push HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
  )
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, 0x20), Buffer.from('\r\n')])
  for (let i = 0; i < 20; i++) socket.write(chunk)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  tap.match(answer.toString(), /^HTTP\/1.1 413 /)
  socket.destroy()
})

void t.test('many tiny values are refused before they fill memory', async (tap: Test) => {
  const { url } = await source(tap)
  const empty = `{"streams":[${'{},'.repeat(2.1e6)}{}]}`
  const entries = Buffer.alloc(8.2e6, Buffer.from([0x12, 0x00]))
  const streams = compressSync(bytesField(1, entries))
  for (const [body, type] of [
    [empty, 'application/json'],
    [streams, PROTOBUF],
  ] as const)
    tap.match(await post(url, body, { type }), { status: 400, text: /at most 4000000 values/ })
})

void t.test('backpressure: 503 once 64 MiB wait, and room again when they have ended', async (tap: Test) => {
  const { url, entries, component } = await source(tap, {}, 'open')
  const raw = { path: '/api/v1/raw' }
  const body = `${'x'.repeat(15 * MIB)}\n`
  const held = [1, 2, 3, 4].map(() => post(url, body, raw))
  while (entries.length < 4) await once(component.output!, 'data')
  tap.match(await post(url, body, raw), { status: 503, retry: '1', text: /too many pushes/ })
  for (const entry of entries) entry.ack.settle(DELIVERED)
  for (const answer of await Promise.all(held)) tap.equal(answer.status, 204)
  const next = post(url, body, raw)
  while (entries.length < 5) await once(component.output!, 'data')
  entries[4]!.ack.settle(DELIVERED)
  tap.equal((await next).status, 204)
})

void t.test('mistakes in the config', async (tap: Test) => {
  const config = (body: string): string => `loki.source.api "x" {\nforward_to = []\n${body}\n}`
  tap.same(await supervised(tap).check(config('http { listen_port = 9999 }')), [])
  tap.same(await supervised(tap).check(config('grpc { }')), [])
  tap.match(
    (await supervised(tap).check(config('grpc {\ntls {\nclient_auth_type = "x"\n}\n}'))).join('\n'),
    /^c:5:\d+ client_auth_type: expected one of/,
  )
  for (const [body, message] of [
    ['http { }\nhttp { }', /c:3:1 block "http" is written twice[^]*c:4:1 block "http" is written twice/],
    ['http { listen_port = "a" }', /c:3:22 listen_port: expected number/],
    ['max_send_message_size = 10', /max_send_message_size: /],
    ['http {\ntls {\nmin_version = "TLS9"\n}\n}', /^c:5:\d+ min_version: expected one of VersionTLS10, /],
    [
      'http {\ntls {\nclient_auth_type = "Maybe"\n}\n}',
      /^c:5:\d+ client_auth_type: expected one of NoClientCert, /,
    ],
    ['http {\nhttp2 {\nenabled = true\n}\n}', /^c:5:\d+ .*HTTP\/2 is not spoken/],
  ] as const)
    tap.match((await supervised(tap).check(config(body))).join('\n'), message, body)
})
