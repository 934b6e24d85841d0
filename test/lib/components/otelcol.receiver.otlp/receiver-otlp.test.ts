/** `otelcol.receiver.otlp` over real HTTP and gRPC: what exports become, when they are answered, and what is refused. */
import { once } from 'node:events'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { otelcolReceiverOtlp } from '../../../../lib/components/otelcol.receiver.otlp/receiver-otlp.ts'
import type { Batch } from '../../../../lib/flow/batch.ts'
import type { Entry } from '../../../../lib/flow/entry.ts'
import { deadLettered, DELIVERED, lost, type Outcome } from '../../../../lib/flow/outcome.ts'
import { carriedBy, UNCONVERTIBLE } from '../../../../lib/otlp/carried.ts'
import { grpcCaller } from '../../../support/grpc-call.ts'
import { otlpJson, otlpProtobuf } from '../../../support/otlp-export.ts'
import { bytesField } from '../../../support/push-request.ts'
import { metric, sourceContext, type SourceContext } from '../../../support/source.ts'
import { supervised } from '../../../support/supervised.ts'

const JSON_TYPE = 'application/json'
const PROTOBUF = 'application/x-protobuf'
const EXPORT = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
const MIB = 1024 * 1024

interface Running {
  readonly component: Component
  readonly ctx: SourceContext
  readonly url: string
  readonly grpc: string
  readonly entries: Entry[]
}

async function receiver(
  tap: Test,
  more: { http?: object; grpc?: object } = {},
  settle: Outcome | 'open' = DELIVERED,
): Promise<Running> {
  const options = decodeInput('otelcol.receiver.otlp', otelcolReceiverOtlp.fields, {
    http: { endpoint: '127.0.0.1:0', ...more.http },
    grpc: { endpoint: '127.0.0.1:0', ...more.grpc },
    output: {},
  })
  const ctx = sourceContext()
  const component = otelcolReceiverOtlp.create(options, ctx)
  tap.teardown(async () => component.close?.())
  await component.start?.()
  const entries: Entry[] = []
  component.output!.on('data', (batch: Batch) => {
    for (const entry of batch.take()) {
      entries.push(entry)
      if (settle !== 'open') entry.ack.settle(settle)
    }
  })
  const { address, grpc } = component.status!() as { address: string; grpc: string }
  return { component, ctx, entries, url: address, grpc }
}

async function post(
  url: string,
  body: string | Buffer,
  { type = JSON_TYPE, encoding = '', path = '/v1/logs' } = {},
): Promise<{ status: number; body: Buffer; type: string | null; retry: string | null }> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { 'content-type': type, ...(encoding === '' ? {} : { 'content-encoding': encoding }) },
    signal: AbortSignal.timeout(20_000),
  })
  return {
    status: answer.status,
    body: Buffer.from(await answer.arrayBuffer()),
    type: answer.headers.get('content-type'),
    retry: answer.headers.get('retry-after'),
  }
}

void t.test('JSON, protobuf and gRPC, packed and plain, are the same records', async (tap: Test) => {
  const { url, grpc, entries, ctx } = await receiver(tap)
  const [json, protobuf] = [otlpJson(['line'], { k: 'v' }), otlpProtobuf(['line'], { k: 'v' })]
  const ways = [
    post(url, json),
    post(url, protobuf, { type: PROTOBUF }),
    post(url, gzipSync(json), { encoding: 'gzip' }),
    post(url, deflateSync(protobuf), { type: PROTOBUF, encoding: 'deflate' }),
    post(url, deflateSync(json), { encoding: 'zlib' }),
    post(url, deflateRawSync(json), { encoding: 'deflate' }),
    post(url, json, { encoding: 'identity' }),
  ]
  for (const answer of await Promise.all(ways)) tap.equal(answer.status, 200, answer.body.toString())
  for (const compression of [0, 1, 2])
    tap.equal((await grpcCaller(tap, grpc, compression).call(EXPORT, protobuf)).code, 0)
  tap.equal(entries.length, ways.length + 3)
  for (const entry of entries) {
    tap.strictSame([entry.line, entry.seconds, entry.nanos], ['line', 1_700_000_000, 1])
    const { resource, record } = carriedBy(entry)
    tap.strictSame([resource, record.attributes], [[['service.name', 'shop']], [['k', 'v']]])
  }
  tap.equal(metric(ctx, 'otelcol_receiver_accepted_log_records_total'), entries.length)
})

void t.test('a record without a time gets the present one', async (tap: Test) => {
  const { url, entries } = await receiver(tap)
  const before = Math.floor(Date.now() / 1000)
  await post(
    url,
    '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{"observedTimeUnixNano":"5000000001"}]}]}]}',
  )
  tap.ok(entries[0]!.seconds >= before && entries[0]!.seconds <= before + 60)
  tap.strictSame([entries[1]!.seconds, entries[1]!.nanos], [5, 1])
})

void t.test('an export is answered when its records are safe, or asked for again', async (tap: Test) => {
  const { url, grpc, entries, component } = await receiver(tap, { http: { write_timeout: '200ms' } }, 'open')
  const arrived = async (count: number): Promise<void> => {
    while (entries.length < count) await once(component.output!, 'data')
  }
  const late = await post(url, otlpJson(['late']))
  tap.match(late, { status: 503, retry: '1', type: JSON_TYPE })
  tap.match(JSON.parse(late.body.toString()), { code: 14, message: /not safe yet/ })
  const losing = post(url, otlpProtobuf(['lost']), { type: PROTOBUF })
  await arrived(2)
  entries[1]!.ack.settle(lost('shutdown'))
  tap.match(await losing, { status: 503, retry: '1', type: PROTOBUF })
  const call = grpcCaller(tap, grpc).call(EXPORT, otlpProtobuf(['lost']))
  await arrived(3)
  entries[2]!.ack.settle(lost('shutdown'))
  const answer = await call
  tap.equal(answer.code, 14, 'UNAVAILABLE, which clients try again')
  tap.match(String(answer.trailers!.get('grpc-status-details-bin')[0]), /google.rpc.RetryInfo/)
  const safe = post(url, otlpJson(['safe']))
  await arrived(4)
  entries[3]!.ack.settle(DELIVERED)
  tap.equal((await safe).status, 200)
})

void t.test('what is refused for good is told as partial success', async (tap: Test) => {
  const { url, grpc, entries, component } = await receiver(tap, {}, 'open')
  const ends = [DELIVERED, deadLettered('line_too_long'), UNCONVERTIBLE]
  component.output!.on('data', () => {
    for (const [i, entry] of entries.splice(0).entries()) entry.ack.settle(ends[i]!)
  })
  const json = await post(url, otlpJson(['a', 'b', 'c']))
  tap.equal(json.status, 200)
  tap.strictSame(JSON.parse(json.body.toString()), {
    partialSuccess: {
      rejectedLogRecords: '2',
      errorMessage: 'refused: line_too_long, otel_unconvertible',
    },
  })
  const protobuf = await grpcCaller(tap, grpc).call(EXPORT, otlpProtobuf(['a', 'b', 'c']))
  tap.strictSame([protobuf.code, protobuf.message.subarray(0, 4)], [0, Buffer.from([0x0a, 46, 0x08, 2])])
})

void t.test('what cannot be read is refused with its status, and counted', async (tap: Test) => {
  const { url, grpc, entries, ctx } = await receiver(tap, {
    http: { max_request_body_size: '1MiB', compression_algorithms: ['', 'gzip', 'deflate', 'snappy'] },
    grpc: { max_recv_msg_size: '1MiB' },
  })
  const bomb = Buffer.alloc(10 * MIB, 0x20)
  const deep = `{"resourceLogs":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
  let nested = bytesField(1, 'x')
  for (let i = 0; i < 300; i++) nested = bytesField(5, bytesField(1, nested))
  const tooDeep = bytesField(1, bytesField(2, bytesField(2, bytesField(5, nested))))
  const cases: [number, RegExp, string | Buffer, { type?: string; encoding?: string }][] = [
    [400, /expected an OTLP export as JSON/, '{', {}],
    [400, /expected an OTLP export as JSON/, deep, {}],
    [400, /nested more than 100 deep/, tooDeep, { type: PROTOBUF }],
    [400, /expected \d+ bytes, found the end/, otlpProtobuf(['line']).subarray(0, 30), { type: PROTOBUF }],
    [400, /gzip: expected/, gzipSync('x').subarray(0, 15), { encoding: 'gzip' }],
    [400, /deflate: expected/, deflateSync('x').subarray(0, 5), { encoding: 'deflate' }],
    [413, /larger than 1048576 bytes/, gzipSync(bomb), { encoding: 'gzip' }],
    [413, /larger than 1048576 bytes/, deflateSync(bomb), { encoding: 'deflate' }],
    [413, /larger than 1048576 bytes/, bomb, {}],
    [415, /snappy.* is not supported/, 'x', { encoding: 'snappy' }],
    [415, /zlib.* is not supported/, deflateSync('x'), { encoding: 'zlib' }],
  ]
  for (const [status, message, body, how] of cases) {
    const answer = await post(url, body, how)
    tap.equal(answer.status, status, answer.body.toString())
    tap.match(answer.body.toString(), message)
    tap.equal(answer.type, how.type ?? JSON_TYPE)
  }
  tap.equal((await post(url, 'x', { type: 'text/plain' })).status, 415)
  tap.equal((await post(url, '{}', { path: '/v1/traces' })).status, 404)
  tap.equal((await fetch(`${url}/v1/logs`)).status, 405)
  tap.equal(metric(ctx, 'logstream_otlp_refused_exports_total'), cases.length)
  const plain = grpcCaller(tap, grpc)
  tap.equal((await plain.call(EXPORT, otlpProtobuf(['line']).subarray(0, 30))).code, 3)
  tap.equal((await plain.call(EXPORT, otlpProtobuf(['x'.repeat(2 * MIB)]))).code, 8, 'RESOURCE_EXHAUSTED')
  const packed = grpcCaller(tap, grpc, 2)
  tap.equal((await packed.call(EXPORT, otlpProtobuf(['x'.repeat(10 * MIB)]))).code, 8, 'unpacked too')
  tap.equal((await plain.call(EXPORT.replace('logs', 'metrics'), Buffer.alloc(0))).code, 12, 'UNIMPLEMENTED')
  tap.equal(entries.length, 0)
  tap.equal((await post(url, otlpJson(['good']))).status, 200, 'the next one is taken')
})

void t.test('many tiny values are refused before they fill memory', async (tap: Test) => {
  const { url, entries } = await receiver(tap)
  const json = `{"resourceLogs":[${'{},'.repeat(2.1e6)}{}]}`
  tap.match((await post(url, json)).body.toString(), /at most 4000000 values/)
  const empty = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${'{},'.repeat(200_000)}{}]}]}]}`
  const records = bytesField(1, bytesField(2, Buffer.alloc(400_002, Buffer.from([0x12, 0x00]))))
  for (const [body, type] of [
    [empty, JSON_TYPE],
    [records, PROTOBUF],
  ] as const)
    tap.match((await post(url, body, { type })).body.toString(), /more than 200000 records/)
  tap.equal(entries.length, 0)
})

void t.test('a reload that changes only where records go keeps the ports', async (tap: Test) => {
  const { component } = await receiver(tap)
  const options = (http: object): object =>
    decodeInput('otelcol.receiver.otlp', otelcolReceiverOtlp.fields, {
      http: { endpoint: '127.0.0.1:0', ...http },
      grpc: { endpoint: '127.0.0.1:0' },
      output: { logs: [] },
    })
  tap.equal(component.update!(options({})), true)
  tap.equal(component.update!(options({ logs_url_path: '/x' })), false)
})

void t.test('mistakes in the config', async (tap: Test) => {
  const config = (body: string): string => `otelcol.receiver.otlp "x" {\n${body}\noutput { }\n}`
  tap.same(await supervised(tap).check(config('grpc { }\nhttp { }')), [])
  for (const [body, message] of [
    ['', /^c:1:1 add a grpc or an http block/],
    ['http { endpoint = "x" }', /^c:2:8 expected an address such as/],
    ['http { logs_url_path = "" }', /^c:2:8 logs_url_path: expected a path/],
    ['http {\ncors {\nallowed_origins = ["*"]\n}\n}', /^c:4:1 web pages of other origins are kept out/],
    ['grpc { transport = "unix" }', /transport: expected one of "tcp"/],
    ['grpc {\ntls {\nmin_version = "1.3"\n}\n}', /^c:4:1 min_version can't be set for gRPC/],
    ['http {\ntls {\ncipher_suites = ["x"]\n}\n}', /^c:4:1 cipher_suites: expected one of TLS_/],
    ['http {\ntls {\ntpm {\nenabled = true\n}\n}\n}', /^c:4:1 keys in a TPM are not supported/],
  ] as const)
    tap.match((await supervised(tap).check(config(body))).join('\n'), message, body)
  tap.match(
    (await supervised(tap).check('otelcol.receiver.otlp "x" {\nhttp { }\n}')).join('\n'),
    /missing required block "output"/,
  )
})
