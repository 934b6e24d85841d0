/** `loki.source.api` over real HTTP: what pushes become, when they are answered, and what is refused. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { Agent, fetch as tlsFetch } from 'undici'
import { compressSync } from 'snappy'
import t, { type Test } from 'tap'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { exportedRules } from '../../../../lib/component/options/relabel.ts'
import { lokiSourceApi } from '../../../../lib/components/loki.source.api/api.ts'
import type { Batch } from '../../../../lib/flow/batch.ts'
import type { Entry } from '../../../../lib/flow/entry.ts'
import { DELIVERED, dropped, lost, SPOOLED, type Outcome } from '../../../../lib/flow/outcome.ts'
import { RELABEL_DEFAULTS } from '../../../../lib/formats/relabel.ts'
import { selfSigned, signedBy } from '../../../support/certificates.ts'
import { pushRequest } from '../../../support/push-request.ts'
import { metric, sourceContext, type SourceContext } from '../../../support/source.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { supervised } from '../../../support/supervised.ts'
import { endpoint, numbered, WriteHarness } from '../../../support/write-harness.ts'

const MIB = 1024 * 1024

interface Running {
  readonly component: Component
  readonly ctx: SourceContext
  readonly url: string
  readonly entries: Entry[]
}

/** `settle` ends each entry as it arrives, or leaves it open. */
async function source(
  tap: Test,
  more: object = {},
  settle: Outcome | 'open' = DELIVERED,
  ctx = sourceContext(),
): Promise<Running> {
  const { http = {}, ...rest } = more as { http?: object }
  const options = decodeInput('loki.source.api', lokiSourceApi.fields, {
    forward_to: [],
    http: { listen_port: 0, ...http },
    ...rest,
  })
  const component = lokiSourceApi.create(options, ctx)
  tap.teardown(async () => component.close?.())
  await component.start?.()
  const entries: Entry[] = []
  component.output!.on('data', (batch: Batch) => {
    for (const entry of batch.take()) {
      entries.push(entry)
      if (settle !== 'open') entry.ack.settle(settle)
    }
  })
  return { component, ctx, entries, url: (component.status!() as { address: string }).address }
}

interface Push {
  readonly path?: string
  readonly type?: string
  readonly headers?: Record<string, string>
}

async function post(
  url: string,
  body: string | Buffer,
  { path = '/loki/api/v1/push', type = 'application/json', headers = {} }: Push = {},
): Promise<{ status: number; text: string; retry: string | null }> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { 'content-type': type, ...headers },
    signal: AbortSignal.timeout(20_000),
  })
  return { status: answer.status, text: await answer.text(), retry: answer.headers.get('retry-after') }
}

const json = (line: string, labels: object = { job: 'a' }): string =>
  JSON.stringify({ streams: [{ stream: labels, values: [['1700000000000000001', line, { trace: 'x' }]] }] })

const protobuf = (labels: string, ...lines: string[]): Buffer =>
  pushRequest([
    [
      labels,
      lines.map((line) => ({ seconds: 1_700_000_000, nanos: 1, line, structuredMetadata: [['trace', 'x']] })),
    ],
  ])

const PROTOBUF = 'application/x-protobuf'

void t.test('each encoding, on both paths, with metadata and time', async (tap: Test) => {
  const { url, entries, ctx } = await source(tap, { use_incoming_timestamp: true })
  const block = compressSync(protobuf('{job="a"}', 'line'))
  const pushes: [string | Buffer, Push][] = [
    [json('line'), {}],
    [json('line'), { path: '/api/v1/push', type: 'application/json; charset=utf-8' }],
    [gzipSync(json('line')), { headers: { 'content-encoding': 'gzip' } }],
    [deflateRawSync(json('line')), { headers: { 'content-encoding': 'deflate' } }],
    [block, { type: PROTOBUF }],
    [block, { type: PROTOBUF, headers: { 'content-encoding': 'snappy' } }],
    [gzipSync(block), { type: PROTOBUF, headers: { 'content-encoding': 'gzip' } }],
  ]
  for (const [body, push] of pushes) tap.equal((await post(url, body, push)).status, 204)
  tap.strictSame(
    entries.map(({ line, labels, seconds, nanos, structuredMetadata }) => [
      line,
      labels.text,
      seconds,
      nanos,
      structuredMetadata,
    ]),
    pushes.map(() => ['line', '{job="a"}', 1_700_000_000, 1, [['trace', 'x']]]),
  )
  tap.equal(metric(ctx, 'loki_source_api_entries_written'), pushes.length)
})

void t.test('raw: a line each, with the fixed labels only', async (tap: Test) => {
  const { url, entries } = await source(tap, { labels: { env: 'test' } })
  const headers = { 'x-scope-orgid': 'me' }
  tap.equal(
    (await post(url, 'a\r\n\nb\nc', { path: '/loki/api/v1/raw', type: 'text/plain', headers })).status,
    204,
  )
  tap.equal((await post(url, '', { path: '/api/v1/raw' })).status, 204)
  tap.strictSame(
    entries.map(({ line, labels }) => [line, labels.toObject()]),
    ['a', 'b', 'c'].map((line) => [line, { env: 'test' }]),
  )
  tap.ok(entries[0]!.nanos < entries[1]!.nanos || entries[0]!.seconds < entries[1]!.seconds)
})

void t.test('labels, rules, tenant, own times', async (tap: Test) => {
  const rules = exportedRules([
    { ...RELABEL_DEFAULTS, source_labels: ['__name'], target_label: 'name' },
    { ...RELABEL_DEFAULTS, source_labels: ['job'], regex: 'bad', action: 'drop' },
  ])
  const { url, entries, ctx, component } = await source(tap, {
    labels: { env: 'test' },
    relabel_rules: rules,
  })
  const headers = { 'x-scope-orgid': 'me' }
  tap.equal(
    (await post(url, json('kept', { job: 'a', env: 'theirs', __name: 'n' }), { headers })).status,
    204,
  )
  tap.equal((await post(url, json('dropped', { job: 'bad' }))).status, 204)
  tap.equal(entries.length, 1)
  tap.strictSame(entries[0]!.labels.toObject(), { job: 'a', env: 'test', name: 'n', __tenant_id__: 'me' })
  tap.ok(entries[0]!.seconds > 1_700_000_001)
  tap.strictSame(
    ctx.ledger.rows().map(({ state, reason, units }) => [state, reason, units]),
    [
      ['delivered', '', 1],
      ['dropped', 'relabel_rule', 1],
    ],
  )
  const changed = decodeInput('loki.source.api', lokiSourceApi.fields, {
    forward_to: [],
    http: { listen_port: 0 },
  })
  tap.ok(component.update!(changed), 'the listener stays')
  tap.equal((await post(url, json('no labels', {}))).status, 204)
  tap.equal((await post(url, json('plain'))).status, 204)
  tap.strictSame(entries[1]!.labels.toObject(), { job: 'a' })
  tap.notOk(component.update!({ ...changed, http: { ...changed.http, conn_limit: 3 } }))
})

void t.test('streams with good labels are taken beside bad ones, which are told', async (tap: Test) => {
  const { url, entries } = await source(tap)
  const two = Buffer.concat([
    protobuf('{job=', 'bad'),
    protobuf('{a="1", a="2"}', 'twice'),
    protobuf('{job="a"}', 'good'),
  ])
  const first = await post(url, compressSync(two), { type: PROTOBUF })
  tap.equal(first.status, 400)
  tap.match(first.text, /expected labels such as \{job="a"\}, found "\{job="/)
  const second = await post(
    url,
    JSON.stringify({
      streams: [
        { stream: { 'a-b': 'x' }, values: [['1', 'bad']] },
        { stream: { ab: 'x' }, values: [['1', 'fine']] },
      ],
    }),
  )
  tap.equal(second.status, 400)
  tap.match(second.text, /"a-b" isn't a valid label name/)
  tap.strictSame(
    entries.map(({ line }) => line),
    ['good', 'fine'],
  )
})

void t.test('other requests', async (tap: Test) => {
  const { url } = await source(tap)
  const ready = await fetch(`${url}/ready`)
  tap.strictSame([ready.status, await ready.text()], [200, 'ready'])
  tap.equal((await fetch(`${url}/loki/api/v1/push`)).status, 405)
  tap.equal((await fetch(`${url}/other`)).status, 404)
})

void t.test('what cannot be read is refused, counted, and nothing of it goes on', async (tap: Test) => {
  const { url, entries, ctx } = await source(tap, { max_send_message_size: '1MiB' })
  const encoded = (encoding: string, type = 'application/json'): Push => ({
    type,
    headers: { 'content-encoding': encoding },
  })
  const bomb = Buffer.alloc(50 * MIB, 0x20)
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

void t.test('the answer waits for the last entry, and says how they ended', async (tap: Test) => {
  const { url, entries, component } = await source(tap, {}, 'open')
  const raw = { path: '/api/v1/raw' }
  const arrived = async (count: number): Promise<void> => {
    while (entries.length < count) await once(component.output!, 'data')
  }
  let answered = false
  const first = post(url, 'a\nb', raw).then((answer) => {
    answered = true
    return answer
  })
  await arrived(2)
  entries[0]!.ack.settle(SPOOLED)
  // Another request comes and goes, so the answer to the first would have come as well.
  await fetch(`${url}/ready`).then((ready) => ready.text())
  tap.equal(answered, false)
  entries[1]!.ack.settle(dropped('drop_stage'))
  tap.equal((await first).status, 204)
  const second = post(url, 'c\nd', raw)
  await arrived(4)
  entries[2]!.ack.settle(lost('shutdown'))
  entries[3]!.ack.settle(DELIVERED)
  const { status, text, retry } = await second
  tap.strictSame([status, retry], [503, '1'])
  tap.match(text, /could not be kept \(shutdown\)/)
})

void t.test('server_write_timeout bounds the wait', async (tap: Test) => {
  const clock = new StepClock()
  const { url, entries, component } = await source(tap, {}, 'open', sourceContext({ clock }))
  const pushed = post(url, json('x'))
  while (entries.length === 0) await once(component.output!, 'data')
  clock.advance(30_000)
  tap.match(await pushed, { status: 503, retry: '1', text: /not safe yet/ })
  entries[0]!.ack.settle(DELIVERED)
})

void t.test('backpressure: 503 once 64 MiB wait, and room again when they have ended', async (tap: Test) => {
  const { url, entries } = await source(tap, {}, 'open')
  const raw = { path: '/api/v1/raw' }
  const body = `${'x'.repeat(15 * MIB)}\n`
  const held = [1, 2, 3, 4].map(() => post(url, body, raw))
  while (entries.length < 4) await new Promise((resolve) => setImmediate(resolve))
  tap.match(await post(url, body, raw), { status: 503, retry: '1', text: /too many pushes/ })
  for (const entry of entries) entry.ack.settle(DELIVERED)
  for (const answer of await Promise.all(held)) tap.equal(answer.status, 204)
  const next = post(url, body, raw)
  while (entries.length < 5) await new Promise((resolve) => setImmediate(resolve))
  entries[4]!.ack.settle(DELIVERED)
  tap.equal((await next).status, 204)
})

void t.test('a consumer that does not read holds pushes back; the end answers 503', async (tap: Test) => {
  const { component, url } = await source(tap, {}, 'open')
  component.output!.pause()
  const pushed = post(url, json('x'))
  while ((component.status!() as { requests: number }).requests === 0)
    await new Promise((resolve) => setImmediate(resolve))
  await component.stop!()
  tap.match(await post(url, json('y')), { status: 503, text: /stopping/ })
  component.output!.resume()
  await component.close!()
  tap.match(await pushed, { status: 503, retry: '1', text: /stopping/ })
})

void t.test('TLS, with and without client certificates', async (tap: Test) => {
  const folder = tap.testdir({})
  const ca = selfSigned(folder, 'ca')
  const client = signedBy(ca, folder, 'client')
  const { url } = await source(tap, {
    http: {
      tls: {
        cert_file: ca.certFile,
        key_pem: ca.key,
        client_ca: ca.cert,
        client_auth_type: 'RequireAndVerifyClientCert',
        min_version: 'VersionTLS13',
      },
    },
  })
  const request = { method: 'POST', body: json('x'), headers: { 'content-type': 'application/json' } }
  const push = async (connect: object): Promise<number> => {
    const dispatcher = new Agent({ connect })
    try {
      return (await tlsFetch(`${url}/loki/api/v1/push`, { ...request, dispatcher })).status
    } finally {
      await dispatcher.close()
    }
  }
  tap.equal(await push({ ca: ca.cert, cert: client.cert, key: client.key }), 204)
  await tap.rejects(push({ ca: ca.cert }))
})

void t.test('loki.write pushes here, and what it sends is what was written', async (tap: Test) => {
  const { url, entries } = await source(tap, { use_incoming_timestamp: true })
  const write = new WriteHarness({
    endpoint: [endpoint(`${url}/loki/api/v1/push`, { tenant_id: 'me' })],
  })
  await write.write(numbered(3000), { labels: { job: 'a' }, metadata: [['trace', 'x']] })
  await write.until('delivered', 3000)
  tap.equal(await write.end(), undefined)
  tap.strictSame(
    entries.map(({ line }) => line),
    numbered(3000),
  )
  tap.strictSame(entries[7]!.labels.toObject(), { job: 'a', __tenant_id__: 'me' })
  tap.strictSame([entries[7]!.nanos, entries[7]!.structuredMetadata], [7, [['trace', 'x']]])
})

void t.test('mistakes in the config', async (tap: Test) => {
  const config = (body: string): string => `loki.source.api "x" {\nforward_to = []\n${body}\n}`
  tap.same(await supervised(tap).check(config('http { listen_port = 9999 }')), [])
  for (const [body, message] of [
    ['http { }\nhttp { }', /c:3:1 block "http" is written twice[^]*c:4:1 block "http" is written twice/],
    ['http { listen_port = "a" }', /c:3:22 listen_port: expected number/],
    ['max_send_message_size = 10', /max_send_message_size: /],
    ['grpc { }', /^c:3:1 grpc: pushes are taken over HTTP only/],
    ['http {\ntls {\nmin_version = "TLS9"\n}\n}', /^c:5:\d+ min_version: expected one of VersionTLS10, /],
    [
      'http {\ntls {\nclient_auth_type = "Maybe"\n}\n}',
      /^c:5:\d+ client_auth_type: expected one of NoClientCert, /,
    ],
    ['http {\nhttp2 {\nenabled = true\n}\n}', /^c:5:\d+ .*HTTP\/2 is not spoken/],
  ] as const)
    tap.match((await supervised(tap).check(config(body))).join('\n'), message, body)
})
