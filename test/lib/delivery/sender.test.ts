/** Faults of a push: what is tried again, what is cut up, what ends in the dead letters. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startFakeLoki, type ArrivedPush, type FakeAnswer } from '../../support/fake-loki.ts'
import { endpoint, numbered, tempDir, WriteHarness } from '../../support/write-harness.ts'

async function deadLetters(dataDir: string): Promise<Record<string, unknown>[]> {
  const folder = join(dataDir, 'dead-letters')
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
  return texts
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

void t.test(
  '429, 5xx, resets and silence are tried again until all has arrived, each line once',
  async (t) => {
    const faults: FakeAnswer[] = [429, 500, 503, 'reset', { status: 502, body: 'bad gateway' }, 'hang']
    const loki = await startFakeLoki({ respond: ({ number }) => (number <= 40 ? faults[number % 6]! : 204) })
    t.teardown(() => loki.close())
    const sink = new WriteHarness(
      {
        endpoint: [
          endpoint(loki.pushUrl, { batch_size: '1KiB', max_backoff_retries: 0, remote_timeout: '250ms' }),
        ],
      },
      { dataDir: await tempDir(t) },
    )
    const lines = numbered(1000)
    for (let i = 0; i < 1000; i += 100)
      await sink.write(lines.slice(i, i + 100), { nanos: i, replayable: true })
    await loki.waitFor(1000)
    await sink.until('delivered', 1000)
    t.same(
      loki.entries().map(({ line }) => line),
      lines,
      'in order',
    )
    t.equal(await sink.metric('loki_write_batch_retries_total'), 40)
    t.ok((await sink.metric('loki_write_request_duration_seconds_count', 'status_code="-1"'))! > 0)
    t.equal(await sink.end(), undefined)
    t.same(sink.outcomes(), { delivered: 1000 })
  },
)

void t.test('429 without retry_on_http_429 drops by name', async (t) => {
  const loki = await startFakeLoki({ respond: ({ number }) => (number === 1 ? 429 : 204) })
  t.teardown(() => loki.close())
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl, { retry_on_http_429: false })] })
  await sink.write(['a', 'b'])
  await sink.until('dropped', 2)
  t.equal(await sink.metric('loki_write_dropped_entries_total', 'rate_limited'), 2)
  await sink.write(['c'])
  t.equal(await sink.end(), undefined)
  t.same(sink.outcomes(), { 'dropped:rate_limited': 2, delivered: 1 })
})

void t.test('a batch that was cut up loses only the part that is dropped', async (t) => {
  const answers: FakeAnswer[] = [413, 429]
  const loki = await startFakeLoki({ respond: ({ number }) => answers[number - 1] ?? 204 })
  t.teardown(() => loki.close())
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl, { retry_on_http_429: false })] })
  await sink.write(numbered(8))
  t.equal(await sink.end(), undefined)
  t.same(sink.outcomes(), { 'dropped:rate_limited': 4, delivered: 4 })
  t.same(
    loki.entries().map(({ line }) => line),
    numbered(8).slice(4),
  )
})

void t.test('413 cuts the batch, a single entry that is too large is a dead letter', async (t) => {
  const limit = (push: ArrivedPush): FakeAnswer =>
    push.entries.some(({ line }) => line === 'huge') || push.entries.length > 3
      ? { status: 413, body: 'too large' }
      : 204
  const loki = await startFakeLoki({ respond: limit })
  const dataDir = await tempDir(t)
  t.teardown(() => loki.close())
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl)] }, { dataDir })
  await sink.write([...numbered(10), 'huge', ...numbered(5, 'more')])
  t.equal(await sink.end(), undefined)
  t.same(
    loki.entries().map(({ line }) => line),
    [...numbered(10), ...numbered(5, 'more')],
  )
  t.same(sink.outcomes(), { delivered: 15, 'dead_lettered:too_large': 1 })
  t.match(await deadLetters(dataDir), [
    { line: 'huge', status: 413, reason: 'too large', labels: '{job="test"}' },
  ])
})

void t.test('400 is narrowed down to the single entries that Loki refuses', async (t) => {
  const arrived: string[] = []
  // As Loki: the good entries of a push are stored although the answer is 400.
  const respond = (push: ArrivedPush): FakeAnswer => {
    const bad = push.entries.filter(({ line }) => line.startsWith('bad'))
    arrived.push(...push.entries.filter((entry) => !bad.includes(entry)).map(({ line }) => line))
    return bad.length === 0
      ? 204
      : { status: 400, body: `entry for stream '${bad[0]!.labels}' has timestamp too new: 2027-01-01\n` }
  }
  const loki = await startFakeLoki({ respond })
  const dataDir = await tempDir(t)
  t.teardown(() => loki.close())
  const sink = new WriteHarness(
    { endpoint: [endpoint(loki.pushUrl, { tenant_id: 'T', name: 'main' })] },
    { dataDir },
  )
  await sink.write([...numbered(20), 'bad 1', ...numbered(20, 'x')], { metadata: [['k', 'v']] })
  await sink.write(['bad 2'], { nanos: 100 })
  t.equal(await sink.end(), undefined)
  t.same(new Set(arrived), new Set([...numbered(20), ...numbered(20, 'x')]))
  t.same(sink.outcomes(), { delivered: 40, 'dead_lettered:too_far_in_future': 2 })
  const letters = await deadLetters(dataDir)
  t.same(
    letters.map(({ line }) => line),
    ['bad 1', 'bad 2'],
  )
  t.match(letters[0], {
    component: 'loki.write.test',
    endpoint: 'main',
    tenant: 'T',
    labels: '{job="test"}',
    timestamp: /^\d{19}$/,
    structured_metadata: [['k', 'v']],
    status: 400,
    reason: /timestamp too new/,
  })
})

void t.test('a refusal that names nothing: good entries go out about once more', async (t) => {
  const sent = new Map<string, number>()
  const respond = (push: ArrivedPush): FakeAnswer => {
    for (const { line } of push.entries) sent.set(line, (sent.get(line) ?? 0) + 1)
    return push.entries.some(({ line }) => line === 'bad') ? { status: 400, body: 'no' } : 204
  }
  const loki = await startFakeLoki({ respond })
  t.teardown(() => loki.close())
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl)] }, { dataDir: await tempDir(t) })
  await sink.write([...numbered(500), 'bad', ...numbered(500, 'more')])
  t.equal(await sink.end(), undefined)
  t.same(sink.outcomes(), { delivered: 1000, 'dead_lettered:refused': 1 })
  sent.delete('bad')
  const total = [...sent.values()].reduce((sum, count) => sum + count, 0)
  t.ok(total < 1000 * 2.06, `${total} for 1000`)
  t.ok(loki.pushes.length < 50, `${loki.pushes.length} pushes`)
})

void t.test('labels that Loki refuses need no search within their stream', async (t) => {
  const respond = (push: ArrivedPush): FakeAnswer =>
    push.entries.some(({ labels }) => labels.includes('many'))
      ? { status: 400, body: 'entry for stream \'{many="1"}\' has 16 label names; limit 15\n' }
      : 204
  const loki = await startFakeLoki({ respond })
  t.teardown(() => loki.close())
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl)] }, { dataDir: await tempDir(t) })
  await sink.write(numbered(64), { labels: { many: '1' } })
  await sink.write(numbered(64), { labels: { job: 'good' } })
  t.equal(await sink.end(), undefined)
  t.same(sink.outcomes(), { 'dead_lettered:max_label_names_per_series': 64, delivered: 64 })
  t.ok(loki.pushes.length <= 10, `${loki.pushes.length} pushes`)
})

void t.test('without a disk refused entries are dropped by name', async (t) => {
  const loki = await startFakeLoki({ respond: () => ({ status: 400, body: 'has timestamp too old' }) })
  t.teardown(() => loki.close())
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl)] })
  await sink.write(['a'])
  t.equal(await sink.end(), undefined)
  t.same(sink.outcomes(), { 'dropped:greater_than_max_sample_age': 1 })
})
