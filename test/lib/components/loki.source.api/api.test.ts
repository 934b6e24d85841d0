/** `loki.source.api` over real HTTP: what pushes become, and when they are answered. */
import { once } from 'node:events'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { Agent, fetch as tlsFetch } from 'undici'
import { compressSync } from 'snappy'
import t, { type Test } from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { exportedRules } from '../../../../lib/component/options/relabel.ts'
import { lokiSourceApi } from '../../../../lib/components/loki.source.api/api.ts'
import { DELIVERED, dropped, lost, SPOOLED } from '../../../../lib/flow/outcome.ts'
import { RELABEL_DEFAULTS } from '../../../../lib/formats/relabel.ts'
import { selfSigned, signedBy } from '../../../support/certificates.ts'
import { metric, sourceContext } from '../../../support/source.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { endpoint, numbered, WriteHarness } from '../../../support/write-harness.ts'
import { json, post, PROTOBUF, protobuf, source, type Push } from './harness.ts'

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
