/** The recorded pushes to Loki, sent to the store; and the limits that keep a push from taking all memory. */
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { compressSync } from 'snappy'
import t from 'tap'
import { queryRange } from '../../../../lib/logql/engine/engine.ts'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'
import { storeQuerier } from '../../../../lib/store/select.ts'
import { openStore, push, select, StoreHarness, storeFolder } from '../../../support/store-harness.ts'

interface PushCase {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
  readonly bodyBase64?: string
  readonly bodyGzip?: string
  readonly status?: number
  readonly statusAny?: readonly number[]
  readonly contentType?: string
  readonly response?: unknown
  readonly compare?: string
  readonly config?: string
  readonly verify?: readonly {
    readonly params: { readonly query: string }
    readonly response: { readonly data: { readonly result: readonly unknown[] } }
  }[]
}

interface Reply {
  readonly status: number
  readonly type: string
  readonly text: string
}

const cases = JSON.parse(readFileSync('fixtures/logql/push.json', 'utf8')) as PushCase[]
// Not pushes: the query API answers the tails, and the page has the root if it is built.
const elsewhere = new Set(['tail-without-upgrade', 'tail-bad-query', 'root'])
const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

function send(url: string, { method, path, headers }: PushCase, body: Buffer | undefined): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, url),
      { method, headers: { ...headers, ...(body && { 'content-length': body.length }) } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            type: response.headers['content-type'] ?? '',
            text: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

function filled(text: string): string {
  return text
    .replaceAll(/\{\{repeat:(.):(\d+)\}\}/g, (_, letter: string, count: string) =>
      letter.repeat(Number(count)),
    )
    .replaceAll(/\{\{now([+-]\d+)([smhd]):ns\}\}/g, (_, count: string, unit: string) => {
      return `${Math.floor(Date.now() / 1000) + Number(count) * units[unit]!}000000000`
    })
}

function bodyOf({ body, bodyBase64, bodyGzip }: PushCase): Buffer | undefined {
  if (body !== undefined) return Buffer.from(filled(body))
  if (bodyBase64 !== undefined) return Buffer.from(bodyBase64, 'base64')
  return bodyGzip === undefined ? undefined : gzipSync(filled(bodyGzip))
}

void t.test('recorded pushes', async (t) => {
  const path = await storeFolder((run) => t.teardown(run))
  const harness = new StoreHarness({ path, max_memory: '128MiB' })
  await harness.component.start?.()
  for (const each of cases) {
    if (elsewhere.has(each.name) || each.config !== undefined) continue
    const reply = await send(harness.url, each, bodyOf(each))
    if (each.compare === 'none') continue
    t.ok(
      (each.statusAny ?? [each.status]).includes(reply.status),
      `${each.name}: ${reply.status} ${reply.text}`,
    )
    if (each.compare === 'status' || each.statusAny !== undefined) continue
    const json = each.contentType?.includes('json') ?? false
    t.same(json ? JSON.parse(reply.text) : reply.text, each.response, each.name)
  }
  t.equal(await harness.end(), undefined)

  const store = await openStore(path)
  t.teardown(() => store.close())
  for (const { name, verify = [] } of cases) {
    for (const { params, response } of verify) {
      const data = await queryRange(storeQuerier(store), parseExpression(params.query), {
        start: 1_767_607_200_000_000_000n,
        end: 1_767_614_400_000_000_001n,
        step: 1_000_000_000n,
        interval: 0n,
        limit: 100,
        direction: 'forward',
        flags: [],
      })
      t.same(sorted(data.result as unknown[]), sorted(response.data.result), name)
    }
  }
})

function sorted(result: readonly unknown[]): unknown[] {
  const inOrder = (value: unknown): unknown =>
    Array.isArray(value) || typeof value !== 'object' || value === null
      ? value
      : Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([k, v]) => [k, inOrder(v)]),
        )
  return (result as { stream: unknown; values: unknown }[])
    .map(({ stream, values }) => ({ stream: inOrder(stream), values }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

void t.test('old entries are refused when that is asked for', async (t) => {
  const harness = new StoreHarness({
    path: await storeFolder((run) => t.teardown(run)),
    reject_old_samples: true,
  })
  await harness.component.start?.()
  t.teardown(() => harness.end())
  const old = cases.find(({ config }) => config === 'reject_old_samples=true')!
  const reply = await send(harness.url, old, bodyOf(old))
  t.equal(reply.status, 400)
  t.match(reply.text, /too old/)
  t.match(
    await harness.metrics.exposition(),
    /loki_discarded_samples_total\{reason="greater_than_max_sample_age",tenant="fake"\} 1/,
  )
})

void t.test('the old address, and OTLP in snappy', async (t) => {
  const harness = new StoreHarness({ path: await storeFolder((run) => t.teardown(run)) })
  await harness.component.start?.()
  t.teardown(() => harness.end())
  const post = async (path: string, body: string, more: Record<string, string> = {}): Promise<number> => {
    const headers = { 'content-type': 'application/json', ...more }
    return (await send(harness.url, { name: '', method: 'POST', path, headers }, Buffer.from(body))).status
  }
  const push = '{"streams":[{"stream":{"a":"b"},"values":[["1767607200000000000","x"]]}]}'
  t.equal(await post('/api/prom/push', push), 204)
  t.equal(await post('/otlp/v1/logs', '{}', { 'content-encoding': 'snappy' }), 415)
})

void t.test('a push is bounded, packed and unpacked', async (t) => {
  const path = await storeFolder((run) => t.teardown(run))
  const harness = new StoreHarness({ path, limits: { max_push_size: '64KiB' } })
  await harness.component.start?.()
  const post = async (body: Buffer, headers: Record<string, string>): Promise<number> => {
    const sent = { name: '', method: 'POST', path: '/loki/api/v1/push', headers }
    return (await send(harness.url, sent, body)).status
  }
  const line = 'x'.repeat(100_000)
  const push = Buffer.from(
    JSON.stringify({ streams: [{ stream: { a: 'b' }, values: [['1767607200000000000', line]] }] }),
  )
  const json = { 'content-type': 'application/json' }
  t.equal(await post(push, json), 413)
  t.equal(await post(gzipSync(push), { ...json, 'content-encoding': 'gzip' }), 413)
  t.equal(await post(deflateRawSync(push), { ...json, 'content-encoding': 'deflate' }), 413)
  t.equal(await post(compressSync(push), { 'content-type': 'application/x-protobuf' }), 413)
  const small = Buffer.from(push.toString().replace(line, 'small'))
  t.equal(await post(deflateRawSync(small), { ...json, 'content-encoding': 'deflate' }), 204)
  await harness.end()
  const store = await openStore(path)
  t.teardown(() => store.close())
  t.same(
    (await select(store)).map(({ line: text }) => text),
    ['small'],
  )
})

void t.test('pushes that the store has no memory for are told when to come again', async (t) => {
  const path = await storeFolder((run) => t.teardown(run))
  // Less than Node takes, so that little may wait.
  const harness = new StoreHarness({ path, max_memory: '64MiB' })
  await harness.component.start?.()
  t.teardown(() => harness.end())
  const { writer } = harness.component.store!
  const post = async (path: string): Promise<Response> => {
    const body = path.startsWith('/otlp')
      ? '{}'
      : '{"streams":[{"stream":{"a":"b"},"values":[["1767607200000000000","x"]]}]}'
    return await fetch(harness.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
  }
  let free = (): void => {}
  const held = writer.exclusive(() => new Promise<void>((resolve) => (free = resolve)))
  const lines = Array.from({ length: 50 }, (_, i) => `${i} ${'x'.repeat(100_000)}`)
  const waiting = push(harness.component.store!, { a: 'long' }, lines)
  for (const path of ['/loki/api/v1/push', '/api/prom/push', '/otlp/v1/logs']) {
    const refused = await post(path)
    t.equal(refused.status, 429, path)
    t.equal(refused.headers.get('retry-after'), '1')
    await refused.arrayBuffer()
  }
  t.notOk(writer.room() === undefined, 'the pipeline waits')
  free()
  await held
  t.equal((await waiting).status, 204)
  t.equal((await post('/loki/api/v1/push')).status, 204)
})
