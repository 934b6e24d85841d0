/** What an endpoint's URL may be, and the way to Loki that it means. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { compressSync } from 'snappy'
import { decodeInput } from '../../../../lib/component/decode.ts'
import {
  endpointFields,
  endpointUrl,
  transportFor,
  type EndpointArguments,
} from '../../../../lib/components/loki.write/endpoint-options.ts'
import type { Transport } from '../../../../lib/loki/transport.ts'
import { startFakeGrpcLoki, startFakeLoki } from '../../../support/fake-loki.ts'

const options = (url: string, more: Readonly<Record<string, unknown>> = {}): EndpointArguments =>
  decodeInput('endpoint', endpointFields, { url, ...more })

const transport = (url: string, more: Readonly<Record<string, unknown>> = {}): Transport =>
  transportFor(options(url, more), endpointUrl({ url }), () => 0)

void t.test('the defaults are those of Alloy', (tap) => {
  tap.match(options('http://loki'), {
    name: '',
    batch_wait: 1000,
    batch_size: 1024 * 1024,
    remote_timeout: 10_000,
    min_backoff_period: 500,
    max_backoff_period: 300_000,
    max_backoff_retries: 10,
    tenant_id: '',
    retry_on_http_429: true,
    queue_config: {
      capacity: 10 * 1024 * 1024,
      min_shards: 1,
      drain_timeout: 15_000,
      block_on_overflow: true,
    },
  })
  tap.end()
})

void t.test('URLs that can be pushed to', (tap) => {
  for (const url of [
    'http://h:3100/loki/api/v1/push',
    'https://u:p@h/push',
    'grpc://h:9095',
    'grpcs://[::1]:9095',
  ])
    tap.equal(endpointUrl({ url }).protocol, `${url.slice(0, url.indexOf(':'))}:`)
  tap.equal(
    endpointUrl({ url: 'http://u:p@h:3100' }).href,
    'http://u:p@h:3100/loki/api/v1/push',
    "Loki's address",
  )
  tap.equal(endpointUrl({ url: 'https://h/' }).href, 'https://h/loki/api/v1/push')
  tap.equal(endpointUrl({ url: 'http://h/own' }).href, 'http://h/own')
  const cases: [string, RegExp][] = [
    ['', /expected a URL such as .*, found one that cannot be parsed/],
    ['localhost:3100', /one without http:\/\/ in front$/],
    ['loki:hush@x', /found the scheme "loki"/],
    ['ftp://user:hush@h/', /found the scheme "ftp"/],
    ['//user:hush@h/', /one that cannot be parsed/],
  ]
  for (const [url, message] of cases) {
    tap.throws(() => endpointUrl({ url }), { code: 'BAD_CONFIG', option: 'url', message }, url)
    tap.throws(() => endpointUrl({ url }), { message: /^(?!.*hush)/ }, 'no password is repeated')
  }
  tap.end()
})

void t.test('what cannot work is refused while the options are read', (tap) => {
  const cases: [Readonly<Record<string, unknown>>, RegExp][] = [
    [{ headers: { 'a b': 'c' } }, /cannot be the name of a header/],
    [{ tls_config: { cert_pem: 'C' } }, /a client certificate without its key/],
    [{ bearer_token: 'a', basic_auth: { username: 'b' } }, /more than one kind of credentials/],
    [{ no_proxy: 'x' }, /no_proxy is set without proxy_url/],
  ]
  for (const [more, message] of cases)
    tap.throws(() => transport('http://127.0.0.1:1/', more), { code: 'BAD_CONFIG', message }, String(message))
  tap.end()
})

void t.test('the scheme decides between HTTP and gRPC', async (tap) => {
  const body = compressSync(Buffer.alloc(0))
  const { signal } = new AbortController()
  const http = await startFakeLoki()
  const grpc = await startFakeGrpcLoki()
  tap.teardown(() => Promise.all([http.close(), grpc.close()]))
  for (const [loki, status] of [
    [http, 204],
    [grpc, 200],
  ] as const) {
    const own = transport(loki.pushUrl, { headers: { 'X-Extra': 'e' } })
    tap.same(await own.push(body, 'me', signal), { status, reason: '' })
    tap.match(loki.pushes, [{ tenant: 'me', headers: { 'x-extra': 'e' } }])
    await own.close()
  }
})

void t.test('an unused gRPC endpoint is closed as well', async (tap) => {
  const server = createServer(() => tap.fail('nothing should call'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  tap.teardown(() => server.close())
  await transport(`grpc://127.0.0.1:${(server.address() as AddressInfo).port}`).close()
  tap.pass()
})
