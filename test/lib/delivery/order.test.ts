/**
 * After an outage Loki refuses entries more than an hour older than the newest of their stream. So what waited is sent
 * oldest first, and before anything newer of its stream: whatever the sources, shards, tenants, faults and restarts.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startFakeLoki, type ArrivedPush, type FakeAnswer, type FakeLoki } from '../../support/fake-loki.ts'
import { endpoint, SECONDS, tempDir, WriteHarness } from '../../support/write-harness.ts'

const HOUR = 3600
const STEP = 300

interface Bench {
  readonly loki: FakeLoki
  readonly dataDir: string
  /** Answers instead of Loki's own, while set. */
  outage: FakeAnswer | ((push: ArrivedPush) => FakeAnswer | undefined) | undefined
  /** Steps back in the time of a stream. */
  readonly swaps: string[]
}

/** A Loki with the rule: it keeps the good entries of a push, refuses those too far behind, and answers 400 then. */
async function bench(tap: Test): Promise<Bench> {
  const newest = new Map<string, number>()
  const own: Bench = {
    loki: await startFakeLoki(),
    dataDir: await tempDir(tap),
    outage: undefined,
    swaps: [],
  }
  tap.teardown(() => own.loki.close())
  own.loki.respond((push) => {
    const fault = typeof own.outage === 'function' ? own.outage(push) : own.outage
    if (fault !== undefined) return fault
    let refusal = ''
    for (const { tenant, labels, timestamp, line } of push.entries) {
      const stream = `${tenant} ${labels}`
      const time = Number(timestamp.slice(0, -9))
      const last = newest.get(stream) ?? 0
      if (time < last) own.swaps.push(`${stream}: ${line} after ${last - time} s newer`)
      if (time < last - HOUR)
        refusal = `entry with timestamp ${time} ignored, reason: 'entry too far behind, entry timestamp is: ${time}'`
      newest.set(stream, Math.max(last, time))
    }
    return refusal === '' ? 204 : { status: 400, body: refusal }
  })
  return own
}

function sinkOf({ loki, dataDir }: Bench, more: Readonly<Record<string, unknown>> = {}): WriteHarness {
  return new WriteHarness(
    { endpoint: [endpoint(loki.pushUrl, { batch_size: '400B', max_backoff_retries: 3, ...more })] },
    { dataDir },
  )
}

const STREAMS = ['a', 'b', 'c', 'd']

/** Lines of all streams for the steps `from` to `to` of five minutes; half of the streams can be read again. */
async function write(
  sink: WriteHarness,
  from: number,
  to: number,
  tenantOf: (job: string) => string = () => '',
): Promise<number> {
  let lines = 0
  for (let step = from; step < to; step++)
    for (const job of STREAMS) {
      const texts = Array.from({ length: 5 }, (_, i) => `${job} ${step} ${i}`)
      lines += texts.length
      await sink.write(texts, {
        labels: { job, __tenant_id__: tenantOf(job) },
        seconds: SECONDS + step * STEP,
        replayable: job < 'c',
      })
    }
  return lines
}

async function check(tap: Test, own: Bench, lines: number): Promise<void> {
  await own.loki.waitUntil(() => new Set(own.loki.entries().map(({ line }) => line)).size >= lines)
  tap.same(own.swaps, [])
  tap.same(await readdir(join(own.dataDir, 'dead-letters')).catch(() => []), [], 'nothing was refused')
}

const CASES = [
  [1, 503],
  [1, 429],
  [3, 401],
  [3, 'hang'],
] as const
for (const [shards, outage] of CASES)
  void t.test(`two hours of ${outage} with ${shards} shards`, async (tap) => {
    const own = await bench(tap)
    const more = { remote_timeout: '500ms', queue_config: { min_shards: shards, capacity: '2KiB' } }
    const sink = sinkOf(own, more)
    let lines = await write(sink, 0, 2)
    await own.loki.waitFor(lines)
    own.outage = outage
    // Sources that can wait are held back: they write on when the outage ends.
    const writing = write(sink, 2, 28)
    await own.loki.waitUntil(() => own.loki.pushes.length > 12)
    own.outage = undefined
    lines += await writing
    await check(tap, own, lines)
    tap.equal(await sink.end(), undefined)
  })

void t.test('two hours and restarts in between, the last one while the spool is being sent', async (tap) => {
  const own = await bench(tap)
  let lines = 0
  for (let restart = 0; restart < 4; restart++) {
    own.outage = restart === 0 ? undefined : 503
    const sink = sinkOf(own)
    const writing = write(sink, restart * 6, restart * 6 + 6)
    await own.loki.waitUntil(() => own.loki.pushes.length > restart * 8)
    sink.component.drain?.(20)
    lines += await writing
    tap.equal(await sink.end(), undefined)
  }
  own.outage = undefined
  const hurried = sinkOf(own)
  const before = own.loki.count
  lines += await write(hurried, 24, 30)
  await own.loki.waitUntil(() => own.loki.count > before + 20)
  tap.equal(await hurried.end(50), undefined)
  const last = sinkOf(own)
  lines += await write(last, 30, 31)
  await check(tap, own, lines)
  tap.equal(await last.end(), undefined)
})

void t.test('one tenant of two is locked out for two hours', async (tap) => {
  const own = await bench(tap)
  const locked = (job: string): boolean => job === 'a' || job === 'c'
  own.outage = ({ tenant }) => (tenant === 'locked' ? 403 : undefined)
  const tenantOf = (job: string): string => (locked(job) ? 'locked' : 'open')
  const sink = sinkOf(own)
  const lines = await write(sink, 0, 24, tenantOf)
  await own.loki.waitUntil(() => own.loki.count >= lines / 2)
  tap.equal(await sink.end(), undefined)
  own.outage = undefined
  const next = sinkOf(own)
  const more = await write(next, 24, 26, tenantOf)
  await check(tap, own, lines + more)
  tap.equal(await next.end(), undefined)
})
