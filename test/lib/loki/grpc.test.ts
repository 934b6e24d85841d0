/** Pushes over gRPC, against a real gRPC server. */
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { answerOf } from '../../../lib/loki/grpc.ts'
import { startFakeGrpcLoki } from '../../support/fake-loki.ts'
import { endpoint, numbered, SECONDS, tempDir, WriteHarness } from '../../support/write-harness.ts'

void t.test('entries arrive with their tenant and headers', async (t) => {
  const loki = await startFakeGrpcLoki()
  t.teardown(() => loki.close())
  const sink = new WriteHarness({
    endpoint: [endpoint(loki.url, { tenant_id: 'T', bearer_token: 'abc', headers: { 'X-One': '1' } })],
  })
  await sink.write(['a ä'], { metadata: [['k', 'v']] })
  t.equal(await sink.end(), undefined)
  t.same(loki.entries(), [
    {
      tenant: 'T',
      labels: '{job="test"}',
      timestamp: `${SECONDS}000000000`,
      line: 'a ä',
      metadata: [['k', 'v']],
    },
  ])
  t.match(loki.pushes[0], {
    path: '/logproto.Pusher/Push',
    headers: { authorization: 'Bearer abc', 'x-one': '1', 'user-agent': /^logstream\// },
  })
})

void t.test('codes: retried, cut up, refused, spooled', async (t) => {
  const loki = await startFakeGrpcLoki({
    respond: ({ number, entries }) => {
      if (number <= 2) return { code: 14, details: 'unavailable' }
      if (entries.length > 10) return { code: 8, details: 'grpc: received message larger than max (5 vs. 4)' }
      if (entries.some(({ line }) => line === 'line 7'))
        return { code: 400, details: 'has timestamp too new' }
      return { code: 0 }
    },
  })
  t.teardown(() => loki.close())
  const sink = new WriteHarness({ endpoint: [endpoint(loki.url)] }, { dataDir: await tempDir(t) })
  await sink.write(numbered(20))
  await sink.until('dead_lettered', 1)
  t.same(
    loki.entries().map(({ line }) => line),
    numbered(20).filter((line) => line !== 'line 7'),
  )
  loki.respond(() => ({ code: 2, details: 'no org id' }))
  await sink.write(['later'])
  await sink.until('spooled', 1)
  t.equal(await sink.end(0), undefined)
  t.same(sink.outcomes(), { delivered: 19, 'dead_lettered:too_far_in_future': 1, spooled: 1 })
})

void t.test('a push without an answer is tried again', async (t) => {
  const loki = await startFakeGrpcLoki({ respond: ({ number }) => (number === 1 ? 'hang' : { code: 0 }) })
  t.teardown(() => loki.close())
  // A slow machine may take longer than this for good answers too; they are tried again as well.
  const sink = new WriteHarness({ endpoint: [endpoint(loki.url, { remote_timeout: '100ms' })] })
  await sink.write(['x'])
  await sink.until('delivered', 1)
  t.ok(loki.pushes.length > 1)
  t.equal(await sink.end(), undefined)
})

void t.test('grpcs', async (t) => {
  const folder = await tempDir(t)
  const at = (name: string): string => join(folder, name)
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const subject = ['-subj', '/CN=loki.test', '-addext', 'subjectAltName=DNS:loki.test']
  execFileSync('openssl', ['req', '-x509', ...ec, '-keyout', at('key'), '-out', at('cert'), ...subject], {
    stdio: 'ignore',
  })
  const cert = await readFile(at('cert'), 'utf8')
  const loki = await startFakeGrpcLoki({ tls: { cert, key: await readFile(at('key'), 'utf8') } })
  t.teardown(() => loki.close())
  const tls_config = { ca_pem: cert, server_name: 'loki.test' }
  const sink = new WriteHarness({ endpoint: [endpoint(loki.url, { tls_config })] })
  await sink.write(['x'])
  t.equal(await sink.end(), undefined)
  t.equal(loki.count, 1)
})

void t.test('codes as HTTP statuses', (t) => {
  const cases: [code: number, details: string, status: number][] = [
    [422, 'x', 422],
    [500, 'x', 500],
    [3, 'x', 400],
    [16, 'x', 401],
    [2, 'no org id', 401],
    [2, 'boom', 500],
    [7, 'x', 403],
    [12, 'x', 404],
    [8, 'Received message larger than max (9 vs 8)', 413],
    [8, 'rate limited', 429],
    [14, 'x', 0],
    [4, 'x', 0],
  ]
  for (const [code, details, status] of cases)
    t.equal(answerOf({ code, details }).status, status, `${code} ${details}`)
  t.end()
})
