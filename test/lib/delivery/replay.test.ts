/** The spool of an endpoint: what goes there, when it is sent again, and that one bad batch does not hold it up. */
import t from 'tap'
import { SpoolFile } from '../../../lib/delivery/spool-file.ts'
import { startFakeLoki, type ArrivedPush, type FakeAnswer } from '../../support/fake-loki.ts'
import { endpoint, numbered, tempDir, WriteHarness } from '../../support/write-harness.ts'

const linesOf = (entries: readonly { line: string }[]): string[] => entries.map(({ line }) => line)

void t.test('401 goes to the spool and is sent, in order, when it is mended', async (t) => {
  let answer: FakeAnswer = 401
  const loki = await startFakeLoki({ respond: () => answer })
  t.teardown(() => loki.close())
  const sink = new WriteHarness(
    { endpoint: [endpoint(loki.pushUrl, { batch_size: '100B' })] },
    { dataDir: await tempDir(t) },
  )
  await sink.write(numbered(100))
  await sink.until('spooled', 100)
  t.equal(await sink.metric('logstream_spool_entries'), 100)
  t.ok((await sink.metric('logstream_spool_bytes'))! > 500)
  answer = 204
  await loki.waitFor(100)
  t.same(linesOf(loki.entries()), numbered(100))
  await sink.write(['later'])
  await sink.until('delivered', 1)
  t.equal(await sink.metric('logstream_spool_entries'), 0)
  t.equal(await sink.end(), undefined)
})

void t.test('retries used up: spooled, then sent first', async (t) => {
  let answer: FakeAnswer = 503
  const loki = await startFakeLoki({ respond: () => answer })
  t.teardown(() => loki.close())
  const sink = new WriteHarness(
    { endpoint: [endpoint(loki.pushUrl, { max_backoff_retries: 3, batch_wait: '10ms' })] },
    { dataDir: await tempDir(t) },
  )
  await sink.write(['first'], { replayable: true })
  await sink.until('spooled', 1)
  t.ok(loki.pushes.length >= 3)
  await sink.write(['from a file'], { replayable: true, nanos: 1 })
  await sink.write(['from a socket'], { nanos: 2 })
  await sink.until('spooled', 2)
  t.match(sink.component.status?.(), { endpoints: [{ state: 'down', lastError: /503/ }] })
  answer = 204
  await loki.waitFor(3)
  t.equal(loki.entries()[0]?.line, 'first')
  t.equal(await sink.end(), undefined)
})

void t.test('while an endpoint fails, files wait and sockets are spooled', async (t) => {
  let answer: FakeAnswer = 503
  const loki = await startFakeLoki({ respond: () => answer })
  t.teardown(() => loki.close())
  const options = { batch_size: '100B', queue_config: { capacity: '300B' }, max_backoff_retries: 0 }
  const sink = new WriteHarness(
    { endpoint: [endpoint(loki.pushUrl, options)] },
    { dataDir: await tempDir(t) },
  )
  for (let i = 0; i < 20; i++) await sink.write(numbered(10, `socket ${i}`), { nanos: i * 10 })
  await sink.until('spooled', 150)
  let room = false
  const blocked = sink
    .write(numbered(100, 'file'), { replayable: true, nanos: 1000 })
    .then(() => (room = true))
  await loki.waitUntil(() => loki.pushes.length > 20)
  t.equal(room, false, 'a file is held back')
  answer = 204
  await blocked
  await loki.waitFor(300)
  t.equal(await sink.end(), undefined)
  t.equal(new Set(linesOf(loki.entries())).size, 300)
})

void t.test('what is in the spool is sent at the next start, with the first timestamps', async (t) => {
  const loki = await startFakeLoki({ respond: () => 503 })
  t.teardown(() => loki.close())
  const dataDir = await tempDir(t)
  const options = { endpoint: [endpoint(loki.pushUrl, { tenant_id: 'T', batch_size: '100B' })] }
  const before = new WriteHarness(options, { dataDir })
  await before.write(numbered(50), { nanos: 7 })
  t.equal(await before.end(0), undefined)
  t.same(before.outcomes(), { spooled: 50 })
  loki.respond(() => 204)
  const after = new WriteHarness(options, { dataDir })
  await loki.waitFor(50)
  t.same(linesOf(loki.entries()), numbered(50))
  t.match(loki.entries()[0], { tenant: 'T', timestamp: /000000007$/ })
  t.equal(await after.end(), undefined)
  const third = new WriteHarness(options, { dataDir })
  t.equal(await third.end(), undefined)
  t.equal(loki.count, 50, 'once')
})

void t.test('an end right after the start sends the spool first', async (t) => {
  const loki = await startFakeLoki({ respond: () => 503 })
  t.teardown(() => loki.close())
  const dataDir = await tempDir(t)
  const options = { endpoint: [endpoint(loki.pushUrl, { batch_size: '100B' })] }
  const first = new WriteHarness(options, { dataDir })
  await first.write(numbered(50))
  t.equal(await first.end(0), undefined)
  const second = new WriteHarness(options, { dataDir })
  t.equal(await second.end(), undefined)
  t.match(second.log.at(-1), /level=warn .*entries wait in the spool for the next start.* entries=50/)
  loki.respond(() => 204)
  const third = new WriteHarness(options, { dataDir })
  t.equal(await third.end(), undefined)
  t.same(linesOf(loki.entries()), numbered(50))
})

void t.test('a batch that Loki fails at does not hold up the next ones', async (t) => {
  let up = false
  const respond = ({ entries }: ArrivedPush): FakeAnswer => {
    if (!up) return 503
    return entries.some(({ line }) => line === 'poison')
      ? { status: 500, body: 'no schema config found' }
      : 204
  }
  const loki = await startFakeLoki({ respond })
  t.teardown(() => loki.close())
  const dataDir = await tempDir(t)
  const options = { endpoint: [endpoint(loki.pushUrl, { batch_size: '30B' })] }
  const before = new WriteHarness(options, { dataDir })
  await before.write(['good 1', 'poison', 'good 2', 'good 3', ...numbered(10)])
  t.equal(await before.end(0), undefined)
  up = true
  const after = new WriteHarness(options, { dataDir })
  await loki.waitUntil(() => loki.entries().some(({ line }) => line === 'line 9'))
  t.same(new Set(linesOf(loki.entries())), new Set(['good 1', 'good 2', 'good 3', ...numbered(10)]))
  t.equal(await after.metric('logstream_dead_letters_total'), 1)
  t.equal(await after.end(), undefined)
})

void t.test('a tenant that is locked out does not hold up the others', async (t) => {
  let up = false
  const loki = await startFakeLoki({ respond: ({ tenant }) => (!up || tenant === 'locked' ? 403 : 204) })
  t.teardown(() => loki.close())
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl)] }, { dataDir: await tempDir(t) })
  await sink.write(['a'], { labels: { __tenant_id__: 'locked', job: 'x' } })
  await sink.until('spooled', 1)
  await sink.write(['b'], { labels: { __tenant_id__: 'open', job: 'x' } })
  await sink.until('spooled', 2)
  up = true
  await loki.waitUntil(() => loki.entries().some(({ line }) => line === 'b'))
  t.equal(await sink.end(0), undefined)
  t.notOk(loki.entries().some(({ line }) => line === 'a'))
})

void t.test('a full spool holds back, and nothing is lost', async (t) => {
  let answer: FakeAnswer = 401
  const loki = await startFakeLoki({ respond: () => answer })
  t.teardown(() => loki.close())
  const options = { batch_size: '1KiB', queue_config: { capacity: '2KiB' } }
  const sink = new WriteHarness(
    { endpoint: [endpoint(loki.pushUrl, options)], spool: { max_size: '4KiB' } },
    { dataDir: await tempDir(t) },
  )
  const lines = Array.from({ length: 300 }, (_, i) => `${i} ${Math.sin(i)} ${Math.cos(i)}`)
  let written = 0
  const writing = (async () => {
    for (let i = 0; i < 300; i += 10) {
      await sink.write(lines.slice(i, i + 10), { nanos: i })
      written += 10
    }
  })()
  await loki.waitUntil(() => loki.pushes.length > 30)
  t.ok(written < 300, `${written} lines were taken`)
  answer = 204
  await writing
  await loki.waitFor(300)
  t.equal(await sink.end(), undefined)
  t.same(new Set(linesOf(loki.entries())), new Set(lines))
})

void t.test('block_on_overflow = false: to the spool, and dropped by name without one', async (t) => {
  const loki = await startFakeLoki({ respond: () => 'hang' })
  t.teardown(() => loki.close())
  const queue = { batch_size: '10B', queue_config: { capacity: '30B', block_on_overflow: false } }
  const withDisk = new WriteHarness(
    { endpoint: [endpoint(loki.pushUrl, queue)] },
    { dataDir: await tempDir(t) },
  )
  const without = new WriteHarness({ endpoint: [endpoint(loki.pushUrl, queue)] })
  await withDisk.write(numbered(50), { replayable: true })
  await without.write(numbered(50), { replayable: true })
  await withDisk.until('spooled', 40)
  t.ok((await without.metric('loki_write_dropped_entries_total', 'queue_is_full'))! >= 40)
  t.equal(await withDisk.end(0), undefined)
  t.match(await without.end(0), { code: 'DELIVERY' })
  t.same(withDisk.outcomes(), { spooled: 50 })
  t.same(Object.keys(without.outcomes()).sort(), ['dropped:queue_is_full', 'dropped:undeliverable'])
})

void t.test('a spool that cannot be read for a while is sent when it can', async (t) => {
  let answer: FakeAnswer = 401
  const loki = await startFakeLoki({ respond: () => answer })
  t.teardown(() => loki.close())
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl)] }, { dataDir: await tempDir(t) })
  await sink.write(numbered(10))
  await sink.until('spooled', 10)
  const read = Object.getOwnPropertyDescriptor(SpoolFile.prototype, 'read')!
  t.teardown(() => Object.defineProperty(SpoolFile.prototype, 'read', read))
  let failures = 4
  SpoolFile.prototype.read = function (place) {
    if (failures-- <= 0) return (read.value as SpoolFile['read']).call(this, place)
    return Promise.reject(Object.assign(new Error('too many open files'), { code: 'EMFILE' }))
  }
  answer = 204
  await loki.waitFor(10)
  t.same(linesOf(loki.entries()), numbered(10))
  t.equal(sink.log.filter((line) => line.includes('the spool cannot be read')).length, 1)
  t.equal(await sink.end(), undefined)
})
