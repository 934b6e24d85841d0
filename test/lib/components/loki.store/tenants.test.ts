/** Tenants of `loki.store`: separate data, limits and credentials behind one listener. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { pushRequest } from '../../../support/push-request.ts'
import { StoreHarness, storeFolder } from '../../../support/store-harness.ts'

interface Asked {
  readonly status: number
  readonly text: string
}

async function started(tap: Test, tenants: object, more: object = {}): Promise<StoreHarness> {
  const path = await storeFolder((run) => tap.teardown(run))
  const harness = new StoreHarness({ path, tenants, ...more })
  await harness.component.start?.()
  tap.teardown(() => harness.end())
  return harness
}

async function ask(
  { url }: StoreHarness,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Asked> {
  const answer = await fetch(`${url}${path}`, {
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  })
  return { status: answer.status, text: await answer.text() }
}

const now = BigInt(Date.now()) * 1_000_000n
const lines = (app: string, ...texts: readonly string[]): object => ({
  streams: [{ stream: { app }, values: texts.map((text, i) => [String(now - BigInt(i)), text]) }],
})
const PUSH = '/loki/api/v1/push'
const QUERY = `/loki/api/v1/query_range?query=${encodeURIComponent('{app=~".+"}')}`
const as = (tenant: string): Record<string, string> => ({ 'x-scope-orgid': tenant })

async function pushOverGrpc(
  { component }: StoreHarness,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly said: string }> {
  const client = new Client(component.grpcAddress!, credentials.createInsecure())
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  const [seconds, nanos] = [Math.floor(Date.now() / 1000), 0]
  const body = pushRequest([['{app="g"}', [{ seconds, nanos, line: 'over grpc', structuredMetadata: [] }]]])
  const same = (bytes: Buffer): Buffer => bytes
  const error = await new Promise<ServiceError | null>((resolve) => {
    client.makeUnaryRequest('/logproto.Pusher/Push', same, same, body, metadata, resolve)
  })
  client.close()
  return { code: error?.code ?? 0, said: error?.details ?? '' }
}

function linesOf({ text }: Asked): string[] {
  const { data } = JSON.parse(text) as {
    data: { result: { stream: Record<string, string>; values: [string, string][] }[] }
  }
  return data.result
    .flatMap(({ stream, values }) => values.map(([, line]) => `${stream['__tenant_id__'] ?? '-'} ${line}`))
    .sort()
}

void t.test('data, labels and limits of tenants are apart, queries may be over several', async (tap) => {
  const harness = await started(tap, {
    max_tenants: 3,
    own_tenant: 'own',
    tenant: [{ name: 'b', max_line_size: '5B' }],
  })
  tap.equal((await ask(harness, PUSH, as('a'), lines('x', 'of a'))).status, 204)
  tap.equal((await ask(harness, PUSH, as('b'), lines('y', 'of b'))).status, 204)
  tap.match(await ask(harness, PUSH, as('b'), lines('y', 'too long')), { status: 400, text: /max/i })
  await harness.write(['of own'], { app: 'z' }, Math.floor(Date.now() / 1000))
  await harness.until('delivered', 1)
  tap.same(linesOf(await ask(harness, QUERY, as('a'))), ['- of a'])
  tap.same(linesOf(await ask(harness, QUERY, as('b'))), ['- of b'])
  tap.same(linesOf(await ask(harness, QUERY, as('own'))), ['- of own'])
  tap.same(linesOf(await ask(harness, QUERY, as('b|a|none'))), ['a of a', 'b of b'])
  tap.match(await ask(harness, '/loki/api/v1/label/app/values', as('b')), { text: /\["y"\]/ })
  tap.match(await ask(harness, '/config/tenant/v1/limits', as('b')), { text: /max_line_size: 5\n/ })
  tap.same(linesOf(await ask(harness, QUERY, as('none'))), [], 'a tenant that never pushed')
  tap.notOk(existsSync(join(harness.component.store!.database.path, '..', 'none')))
  for (const [path, tenant, status, text] of [
    [QUERY, '', 401, /no org id/],
    [QUERY, '../a', 400, /unsupported character '\/'/],
    [QUERY, '..', 400, /'\.' or '\.\.'/],
    ['/loki/api/v1/rules', 'a|b', 400, /multiple org IDs/],
  ] as const)
    tap.match(await ask(harness, path, as(tenant)), { status, text }, `${path} ${tenant}`)
  tap.match(await ask(harness, QUERY), { status: 401, text: /no org id/ })
  tap.match(await ask(harness, PUSH, as('a|b'), lines('x', 'l')), { status: 400, text: /multiple org IDs/ })
  tap.match(await ask(harness, PUSH, as('c'), lines('x', 'l')), {
    status: 403,
    text: /there are 3 tenants already/,
  })
  tap.equal((await ask(harness, '/ready')).status, 200)
  tap.match(await harness.metrics.exposition(), /loki_distributor_lines_received_total\{tenant="a"\} 1/)
  tap.match(harness.component.status?.(), { tenants: { a: { rows: 1 }, b: { rows: 1 }, own: { rows: 1 } } })
})

void t.test('tokens of tenants, and the rules of each', async (tap) => {
  const folder = await storeFolder((run) => tap.teardown(run))
  const file = join(folder, 'tenants.yaml')
  writeFileSync(file, 'a: { bearer: [one, both] }\nb: { basic: { bob: secret }, bearer: [both] }\n')
  for (const name of ['a', 'b']) {
    mkdirSync(join(folder, name))
    writeFileSync(
      join(folder, name, 'r.yaml'),
      `groups: [{name: of-${name}, interval: 1h, rules: [{alert: A, expr: vector(1)}]}]`,
    )
  }
  const harness = await started(tap, { credentials_file: file }, { rules: { path: folder } })
  const one = { authorization: 'Bearer one' }
  const bob = { authorization: `Basic ${Buffer.from('bob:secret').toString('base64')}` }
  const both = { authorization: 'Bearer both' }
  tap.equal((await ask(harness, PUSH, one, lines('x', 'of a'))).status, 204, 'the only tenant of the token')
  tap.equal((await ask(harness, PUSH, { ...bob, ...as('b') }, lines('y', 'of b'))).status, 204)
  tap.same(linesOf(await ask(harness, QUERY, one)), ['- of a'])
  tap.same(linesOf(await ask(harness, QUERY, { ...both, ...as('a|b') })), ['a of a', 'b of b'])
  tap.equal((await ask(harness, '/loki/api/v1/drilldown-limits', one)).status, 200)
  tap.match(await ask(harness, QUERY, both), { status: 401, text: /no org id/ })
  tap.match(await ask(harness, QUERY, { ...one, ...as('b') }), {
    status: 403,
    text: /not for the tenant "b"/,
  })
  tap.match(await ask(harness, QUERY, { ...one, ...as('a|b') }), { status: 403 })
  for (const headers of [as('a'), { ...as('a'), authorization: 'Bearer two' }])
    tap.match(await ask(harness, QUERY, headers), { status: 401, text: /send the token/ })
  tap.match(await ask(harness, '/prometheus/api/v1/rules', one), { text: /of-a/ })
  tap.notMatch(await ask(harness, '/prometheus/api/v1/rules', one), { text: /of-b/ })
  tap.match(await ask(harness, '/loki/api/v1/rules', bob), { text: /of-b/ })
  const said = harness.log.join('\n') + JSON.stringify(harness.component.status?.())
  tap.notMatch(said, /secret|\bone\b|\bboth\b/)
})

void t.test('a tenant whose store is damaged is named, the others are served', async (tap) => {
  const path = await storeFolder((run) => tap.teardown(run))
  mkdirSync(join(path, 'tenants', 'bad'), { recursive: true })
  writeFileSync(join(path, 'tenants', 'bad', 'manifest.json'), '{')
  const harness = new StoreHarness({ path, tenants: {} })
  await harness.component.start?.()
  tap.teardown(() => harness.end())
  tap.equal((await ask(harness, PUSH, as('a'), lines('x', 'of a'))).status, 204)
  const refused = { status: 503, text: /the store of the tenant "bad" cannot be opened: .*manifest\.json/ }
  tap.match(await ask(harness, QUERY, as('bad')), refused)
  tap.match(await ask(harness, QUERY, as('a|bad')), refused)
  tap.match(await ask(harness, PUSH, as('bad'), lines('x', 'l')), refused)
  tap.match(harness.component.health?.(), { state: 'unhealthy', message: /tenant "bad"/ })
})

void t.test('tails of tenants', async (tap) => {
  const harness = await started(tap, {})
  for (const tenant of ['a', 'b']) await ask(harness, PUSH, as(tenant), lines('x', `of ${tenant}`))
  const address = `${harness.url.replace('http', 'ws')}/loki/api/v1/tail?query=${encodeURIComponent('{app="x"}')}`
  const opened = new WebSocket(address, { headers: as('b') })
  const message = await new Promise<string>((resolve, reject) => {
    opened.once('message', (data: Buffer) => resolve(data.toString()))
    opened.once('error', reject)
  })
  tap.match(message, /of b/)
  tap.notMatch(message, /of a/)
  opened.terminate()
  for (const headers of [{}, as('a|b'), as('none')]) {
    const refused = new WebSocket(address, { headers })
    const error = await new Promise<Error>((resolve) => refused.once('error', resolve))
    tap.match(error.message, /Unexpected server response: 40[01]/)
  }
})

void t.test('pushes over gRPC name their tenant in the metadata', async (tap) => {
  const file = join(await storeFolder((run) => tap.teardown(run)), 'tenants.yaml')
  writeFileSync(file, 'a: { bearer: [one, both] }\nb: { bearer: [both] }\nfake: { bearer: [own] }\n')
  const open = await started(tap, { max_tenants: 2 }, { grpc: { listen_port: 0 } })
  const guarded = await started(tap, { credentials_file: file }, { grpc: { listen_port: 0 } })
  const { UNAUTHENTICATED, PERMISSION_DENIED, INVALID_ARGUMENT } = status
  const [one, both] = [{ authorization: 'Bearer one' }, { authorization: 'Bearer both' }]
  for (const [harness, headers, code, said] of [
    [open, as('a'), 0, /^$/],
    [open, {}, UNAUTHENTICATED, /no org id/],
    [open, as('../a'), INVALID_ARGUMENT, /unsupported character/],
    [open, as('a|b'), INVALID_ARGUMENT, /multiple org IDs/],
    [open, as('c'), PERMISSION_DENIED, /there are 2 tenants already/],
    [guarded, one, 0, /^$/],
    [guarded, { ...both, ...as('b') }, 0, /^$/],
    [guarded, as('a'), UNAUTHENTICATED, /send the token/],
    [guarded, { ...one, ...as('b') }, PERMISSION_DENIED, /not for the tenant "b"/],
  ] as const)
    tap.match(await pushOverGrpc(harness, headers), { code, said }, JSON.stringify(headers))
  tap.same(linesOf(await ask(open, QUERY, as('a'))), ['- over grpc'])
  tap.same(linesOf(await ask(open, QUERY, as('fake'))), [])
  tap.same(linesOf(await ask(guarded, QUERY, { ...both, ...as('a|b') })), ['a over grpc', 'b over grpc'])
  tap.match(await open.metrics.exposition(), /loki_distributor_lines_received_total\{tenant="a"\} 1/)
})

void t.test('blocks that do not go together', (tap) => {
  const bad =
    (options: object): (() => unknown) =>
    () =>
      new StoreHarness({ path: '/nowhere', ...options })
  tap.throws(bad({ tenants: { own_tenant: '../x' } }), {
    code: 'BAD_CONFIG',
    message: /unsupported character/,
  })
  tap.throws(bad({ tenants: { max_tenants: 0 } }), { code: 'BAD_CONFIG', message: /at least 1/ })
  tap.throws(
    bad({ tenants: { credentials_file: '/f' }, http: { basic_auth: { username: 'u', password: 'p' } } }),
    { code: 'BAD_CONFIG', message: /keep one of them/ },
  )
  tap.end()
})
