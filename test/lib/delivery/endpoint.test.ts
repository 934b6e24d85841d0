/** The end of an endpoint: how long it takes, and that everything is settled by then. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startFakeLoki, type FakeAnswer } from '../../support/fake-loki.ts'
import { StepClock } from '../../support/step-clock.ts'
import { endpoint, numbered, tempDir, WriteHarness } from '../../support/write-harness.ts'

void t.test('with Loki down the rest is on disk when the time is up', async (t) => {
  for (const answer of [503, 'reset', 'hang'] as const) {
    const loki = await startFakeLoki({ respond: () => answer })
    const clock = new StepClock()
    const sink = new WriteHarness(
      { endpoint: [endpoint(loki.pushUrl, { batch_wait: '20ms' })] },
      { dataDir: await tempDir(t), clock },
    )
    await sink.write(numbered(1000))
    clock.advance(20)
    await loki.waitUntil(() => loki.pushes.length > 0)
    const ended = sink.end(200)
    clock.advance(200)
    t.equal(await ended, undefined)
    t.same(sink.outcomes(), { spooled: 1000 }, String(answer))
    await loki.close()
  }
})

void t.test('no server', async (t) => {
  const loki = await startFakeLoki()
  await loki.close()
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl)] }, { dataDir: await tempDir(t) })
  await sink.write(numbered(10), { replayable: true })
  t.equal(await sink.end(100), undefined)
  t.same(sink.outcomes(), { spooled: 10 })
})

void t.test('a slow Loki gets all there is when nothing hurries', async (t) => {
  const clock = new StepClock()
  const loki = await startFakeLoki({
    respond: () => {
      clock.advance(150)
      return 204
    },
  })
  t.teardown(() => loki.close())
  const options = { batch_size: '100B', queue_config: { drain_timeout: '200ms', capacity: '1MiB' } }
  const sink = new WriteHarness(
    { endpoint: [endpoint(loki.pushUrl, options)] },
    { dataDir: await tempDir(t), clock },
  )
  await sink.write(numbered(200))
  t.equal(await sink.end(), undefined)
  t.same(sink.outcomes(), { delivered: 200 }, 'each push starts the time-out anew')
})

void t.test('without a disk the rest is undeliverable, and the Writable says so', async (t) => {
  const loki = await startFakeLoki({ respond: () => 503 })
  t.teardown(() => loki.close())
  const options = { queue_config: { drain_timeout: '100ms' } }
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl, options)] })
  await sink.write(['a', 'b'])
  t.match(await sink.end(), { code: 'DELIVERY', message: /^2 entries/ })
  t.same(sink.outcomes(), { 'dropped:undeliverable': 2 })
})

void t.test(
  'closed without an end: what cannot be read again is saved, the rest is not settled',
  async (t) => {
    const loki = await startFakeLoki({ respond: () => 'hang' })
    t.teardown(() => loki.close())
    const sink = new WriteHarness(
      { endpoint: [endpoint(loki.pushUrl, { batch_size: '10B' })] },
      { dataDir: await tempDir(t) },
    )
    await sink.write(['from a socket'])
    await sink.write(['from a file'], { replayable: true })
    await loki.waitUntil(() => loki.pushes.length > 0)
    await sink.abandon()
    t.same(sink.outcomes(), { spooled: 1 })
    t.equal(sink.ledger.inFlight, 1)
  },
)

void t.test('entries that cannot be sent are filed with one write a batch', async (t) => {
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const dataDir = await tempDir(t)
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl)] }, { dataDir })
  await sink.write(numbered(1000), { labels: { 'a-b': 'c' } })
  t.equal(await sink.end(), undefined)
  t.same(sink.outcomes(), { 'dead_lettered:refused': 1000 })
  t.same(await deadLetters(dataDir), numbered(1000))
  t.match(
    sink.log.filter((line) => line.includes('entries were refused')),
    [/entries=1000 /],
  )
})

void t.test('shards send on their own, a stream stays in order', async (t) => {
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const options = { batch_size: '200B', queue_config: { min_shards: 4 } }
  const sink = new WriteHarness({ endpoint: [endpoint(loki.pushUrl, options)] })
  for (let i = 0; i < 20; i++)
    for (const job of ['a', 'b', 'c', 'd', 'e'])
      await sink.write(numbered(5, `${job} ${i}`), { labels: { job } })
  t.equal(await sink.end(), undefined)
  t.same(sink.outcomes(), { delivered: 500 })
  const wanted = Array.from({ length: 20 }, (_, i) => numbered(5, `b ${i}`)).flat()
  t.same(
    loki
      .entries()
      .filter(({ labels }) => labels === '{job="b"}')
      .map(({ line }) => line),
    wanted,
  )
})

/** A small generator of chance that can be started again (mulberry32). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

async function deadLetters(dataDir: string): Promise<string[]> {
  const text = await readFile(join(dataDir, 'dead-letters', 'dead-letters-0.jsonl'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { line: string }).line)
}

void t.test('whatever happens, each entry ends once, and each line is at Loki or on disk', async (t) => {
  const faults: FakeAnswer[] = [
    429,
    500,
    503,
    'reset',
    401,
    404,
    413,
    'hang',
    { status: 400, body: 'too old' },
  ]
  for (let seed = 1; seed <= 25; seed++) {
    const random = chance(seed)
    const badness = random()
    let healed = false
    const loki = await startFakeLoki({
      respond: ({ entries }) => {
        if (healed || random() > badness) return 204
        const fault = faults[Math.floor(random() * faults.length)]!
        return typeof fault === 'object' && entries.length < 3 ? 503 : fault
      },
    })
    const dataDir = await tempDir(t)
    const options = {
      endpoint: [
        endpoint(loki.pushUrl, {
          batch_size: `${50 + Math.floor(random() * 400)}B`,
          remote_timeout: '20ms',
          min_backoff_period: '1ms',
          max_backoff_period: '4ms',
          max_backoff_retries: Math.floor(random() * 4),
          queue_config: {
            capacity: `${100 + Math.floor(random() * 2000)}B`,
            min_shards: random() < 0.3 ? 3 : 1,
          },
        }),
      ],
    }
    const sink = new WriteHarness(options, { dataDir })
    const lines = new Set<string>()
    const writing = (async () => {
      for (let i = 0; i < 30; i++) {
        const batch = numbered(Math.ceil(random() * 20), `${seed} ${i}`)
        for (const line of batch) lines.add(line)
        await sink.write(batch, {
          replayable: random() < 0.5,
          labels: { job: `j${Math.floor(random() * 4)}` },
          nanos: i * 100,
        })
      }
    })()
    await Promise.race([writing, loki.waitUntil(() => loki.pushes.length > 40)])
    sink.component.drain?.(Math.floor(random() * 50))
    await writing
    t.equal(await sink.end(), undefined, `seed ${seed}`)
    t.equal(sink.ledger.inFlight, 0)
    t.equal(
      sink.ledger.total('delivered') + sink.ledger.total('spooled') + sink.ledger.total('dead_lettered'),
      lines.size,
    )
    healed = true
    const next = new WriteHarness(options, { dataDir })
    // More than the ledger says: what was spooled may have been refused when it was sent from there.
    const dead = await deadLetters(dataDir)
    await loki.waitUntil(() => {
      const safe = new Set([...dead, ...loki.entries().map(({ line }) => line)])
      return safe.size >= lines.size
    })
    t.equal(await next.end(), undefined)
    await loki.close()
  }
})
