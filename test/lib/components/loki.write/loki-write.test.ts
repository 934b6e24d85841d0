/** `loki.write` against real servers: what arrives, with which headers, and how every entry ends. */
import t from 'tap'
import { startFakeLoki } from '../../../support/fake-loki.ts'
import { endpoint, numbered, SECONDS, tempDir, WriteHarness } from '../../../support/write-harness.ts'

void t.test('entries arrive as they are, and are settled when Loki has answered', async (t) => {
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl)] })
  await sink.write(['one', 'zwei ä', ''], { labels: { job: 'a', __hidden__: 'x' }, metadata: [['k', 'v']] })
  await loki.waitFor(3)
  t.same(
    loki.entries(),
    ['one', 'zwei ä', ''].map((line, i) => ({
      tenant: '',
      labels: '{job="a"}',
      timestamp: `${SECONDS}00000000${i}`,
      line,
      metadata: [['k', 'v']],
    })),
  )
  const [push] = loki.pushes
  t.equal(push?.headers['content-type'], 'application/x-protobuf')
  t.match(push?.headers['user-agent'], /^logstream\/\d/)
  t.equal(push?.headers['x-scope-orgid'], undefined)
  await sink.until('delivered', 3)
  t.equal(await sink.end(), undefined)
  t.same(sink.outcomes(), { delivered: 3 })
})

void t.test('batches end at batch_size, at batch_wait and at the end', async (t) => {
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const sink = new WriteHarness({
    endpoint: [endpoint(loki.pushUrl, { batch_size: '100B', batch_wait: '1h' })],
  })
  const line = 'x'.repeat(30)
  await sink.write([line, line, line, line, 'y'.repeat(500), line])
  await loki.waitFor(5)
  t.same(
    loki.pushes.map((push) => push.entries.length),
    [3, 1, 1],
    'three lines, the fourth alone since the long one would not fit, the long one alone',
  )
  t.equal(await sink.end(), undefined)
  t.same(loki.pushes.length, 4)
  t.same(sink.outcomes(), { delivered: 6 })
  const counts = await Promise.all([
    sink.metric('loki_write_sent_entries_total', `host="127.0.0.1:${loki.port}"`),
    sink.metric('loki_write_request_duration_seconds_count', 'status_code="204"'),
  ])
  t.same(counts, [undefined, undefined], 'the metrics have gone with the component')
})

void t.test('structured metadata counts for batch_size', async (t) => {
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const sink = new WriteHarness({
    endpoint: [endpoint(loki.pushUrl, { batch_size: '10B', batch_wait: '1h' })],
  })
  await sink.write(['ä', 'ä', 'b'], { metadata: [['ke', 'v']] })
  t.equal(await sink.end(), undefined)
  t.same(
    loki.pushes.map((push) => push.entries.length),
    [2, 1],
  )
})

void t.test('tenants have requests of their own; external labels do not override', async (t) => {
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const sink = new WriteHarness({
    endpoint: [
      endpoint(loki.pushUrl, { tenant_id: 'base', headers: { 'X-Scope-OrgID': 'no', 'X-More': 'yes' } }),
    ],
    external_labels: { cluster: 'c1', job: 'other', __not__: 'x' },
  })
  await sink.write(['a'], { labels: { job: 'a' } })
  await sink.write(['b'], { labels: { job: 'b', __tenant_id__: 't2' } })
  await sink.write(['c'], { labels: { job: 'a' }, nanos: 5 })
  t.equal(await sink.end(), undefined)
  t.same(
    loki.entries().map(({ tenant, labels, line }) => [tenant, labels, line]),
    [
      ['base', '{cluster="c1", job="a"}', 'a'],
      ['base', '{cluster="c1", job="a"}', 'c'],
      ['t2', '{cluster="c1", job="b"}', 'b'],
    ],
  )
  t.equal(loki.pushes[0]?.headers['x-more'], 'yes')
})

void t.test('max_streams drops by name, bad label names are dead letters', async (t) => {
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const sink = new WriteHarness(
    { endpoint: [endpoint(loki.pushUrl, { batch_wait: '1h' })], max_streams: 2 },
    { dataDir: await tempDir(t) },
  )
  for (const job of ['a', 'b', 'c', 'a']) await sink.write(['x'], { labels: { job } })
  await sink.write(['y'], { labels: { 'a.b': 'x' } })
  t.equal(await sink.metric('loki_write_dropped_entries_total', 'stream_limited'), 1)
  t.equal(await sink.end(), undefined)
  t.same(sink.outcomes(), { 'dropped:stream_limited': 1, 'dead_lettered:refused': 1, delivered: 3 })
})

void t.test('several endpoints get everything; a dead one stalls only itself', async (t) => {
  const loki = await startFakeLoki()
  const dead = await startFakeLoki({ respond: () => 503 })
  t.teardown(() => Promise.all([loki.close(), dead.close()]))
  const sink = new WriteHarness(
    {
      endpoint: [
        endpoint(loki.pushUrl, { name: 'good' }),
        endpoint(dead.pushUrl, { name: 'dead', batch_size: '1KiB', queue_config: { capacity: '2KiB' } }),
      ],
    },
    { dataDir: await tempDir(t) },
  )
  for (let i = 0; i < 50; i++) await sink.write(numbered(10, `round ${i}`), { replayable: true })
  await loki.waitFor(500)
  t.equal(await sink.end(0), undefined)
  t.same(sink.outcomes(), { spooled: 500 }, 'a unit ends as the worse of its parts')
})

void t.test('options that cannot work are refused', (t) => {
  const url = 'http://127.0.0.1:1/push'
  const cases: [string, Record<string, unknown>, RegExp][] = [
    ['no endpoint', {}, /no endpoint/],
    ['no URL', { endpoint: [{ url: 'http://[::1' }] }, /expected a URL/],
    ['scheme', { endpoint: [{ url: 'ftp://user:secret@x/' }] }, /scheme "ftp"/],
    ['equal endpoints', { endpoint: [{ url }, { url }] }, /equal/],
    [
      'same names',
      {
        endpoint: [
          { url, name: 'a' },
          { url: `${url}2`, name: 'a' },
        ],
      },
      /have the name "a"/,
    ],
    [
      'credentials',
      { endpoint: [{ url, bearer_token: 'x', basic_auth: { username: 'u' } }] },
      /more than one kind/,
    ],
    [
      'certificate without its key',
      { endpoint: [{ url, tls_config: { cert_pem: 'x' } }] },
      /certificate without its key/,
    ],
    ['header name', { endpoint: [{ url, headers: { 'a b': 'x' } }] }, /cannot be the name/],
    ['no_proxy alone', { endpoint: [{ url, no_proxy: 'x' }] }, /without proxy_url/],
  ]
  for (const [name, options, message] of cases) {
    const build = (): WriteHarness => new WriteHarness(options)
    t.throws(build, { message }, name)
  }
  t.end()
})
