/**
 * Figures of the embedded store. First LINES (1,000,000) generated transaction lines go from a file through the pipeline of
 * `npm run bench` into a store; then QUERY_LINES (10,000,000), spread over an hour, go straight into another one and are
 * queried. CPU seconds are those of the whole process, the database's threads included.
 */
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileTail, labels, match, metrics, pipeline, regex, static_labels } from '../lib/index.ts'
import { NO_METADATA } from '../lib/flow/entry.ts'
import { transactionSource } from '../lib/generate/transactions.ts'
import { labelSet } from '../lib/flow/labels.ts'
import { sinkStream } from '../lib/library.ts'
import { parseExpression } from '../lib/logql/syntax/parse.ts'
import { queryRange } from '../lib/logql/engine/engine.ts'
import { lokiStore } from '../lib/components/loki.store/loki-store.ts'
import { emptyParcel } from '../lib/store/rows.ts'
import { storeQuerier } from '../lib/store/select.ts'
import type { LogStore } from '../lib/store/store.ts'
import { openStore } from '../test/support/store-harness.ts'

const LINES = Number(process.env['LINES'] ?? 1_000_000)
const QUERY_LINES = Number(process.env['QUERY_LINES'] ?? 10_000_000)
const MIB = 1024 ** 2
const HOUR = 3_600_000_000_000n
const BEGIN = 1_767_225_600

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Runs `run` and returns its result with its cost, in seconds. */
async function measured<T>(run: () => Promise<T>): Promise<{ result: T; cpu: number; wall: number }> {
  const before = process.cpuUsage()
  const began = performance.now()
  const result = await run()
  const { user, system } = process.cpuUsage(before)
  return { result, cpu: (user + system) / 1e6, wall: (performance.now() - began) / 1000 }
}

async function writeSeed(path: string): Promise<void> {
  const next = transactionSource({ seed: 1, badShare: 0.03 })
  const out = createWriteStream(path)
  for (let done = 0; done < LINES; done += 10_000) {
    let text = ''
    for (let i = 0; i < Math.min(10_000, LINES - done); i++) text += `${next(BEGIN * 1000 + done + i)}\n`
    if (!out.write(text)) await once(out, 'drain')
  }
  out.end()
  await once(out, 'finish')
}

async function throughPipeline(file: string, path: string): Promise<void> {
  const parts = [
    fileTail({ path: file, labels: { job: 'template-job' }, follow: false }),
    static_labels({ values: { parse_status: 'failed' } }),
    regex({
      expression:
        '^(?P<date>\\S+)\\|(?P<time_start>\\S+)\\|(?P<time_end>\\S+)\\|(?P<latency>\\d+)\\|(?P<method>\\S+)\\|(?P<detail>[^|]+)\\|(?P<status>\\S+)\\|(?P<code>\\d+)$',
    }),
    labels({ values: { method: '', status: '', code: '' } }),
    match({ selector: '{method=~".+"}' }, [
      static_labels({ values: { parse_status: 'success' } }),
      metrics({
        metric: [
          {
            variant: 'histogram',
            options: { name: 'transaction_latency_ms', source: 'latency', buckets: [50, 100, 250, 1000] },
          },
        ],
      }),
    ]),
    sinkStream(lokiStore, { path, http: { listen_port: 0 } }),
  ]
  await pipeline(...parts)
}

async function fill(store: LogStore): Promise<void> {
  const next = transactionSource({ seed: 2, badShare: 0.03 })
  const texts = Array.from({ length: 200_000 }, (_, i) => Buffer.from(next(BEGIN * 1000 + i)).toString())
  const streams = ['success', 'failed'].flatMap((parse_status) =>
    ['CashIn', 'CashOut', 'Refund', 'Transfer'].map((method) => {
      const answer = store.stream(labelSet({ job: 'template-job', parse_status, method, code: '200' }))
      if (!answer.ok) throw new Error(answer.refusal.message)
      return answer.stream
    }),
  )
  const step = Number(HOUR) / QUERY_LINES
  for (let i = 0; i < QUERY_LINES;) {
    const parcel = emptyParcel((error) => {
      if (error !== undefined) throw error
    })
    for (const end = Math.min(i + 1024, QUERY_LINES); i < end; i++) {
      const at = i * step
      const seconds = BEGIN + Math.floor(at / 1e9)
      const line = i === 1_234_567 ? 'the needle 7f3a9c' : texts[i % texts.length]!
      const refusal = store.put(
        parcel,
        streams[i % streams.length]!,
        { seconds, nanos: Math.floor(at % 1e9), line, structuredMetadata: NO_METADATA },
        store.writer.now(),
      )
      if (refusal !== undefined) throw new Error(refusal.message)
    }
    store.writer.add(parcel)
    await store.writer.room()
  }
  await store.writer.flush()
}

async function queries(store: LogStore): Promise<void> {
  const querier = storeQuerier(store)
  const ask = async (what: string, run: () => Promise<unknown>): Promise<void> => {
    const { result, cpu, wall } = await measured(run)
    const rss = (process.memoryUsage().rss / MIB).toFixed(0)
    say(`${what.padEnd(58)} ${wall.toFixed(2)} s, ${cpu.toFixed(2)} CPU s, ${String(result)}, RSS ${rss} MiB`)
  }
  const whole = {
    matchers: [{ name: 'job', operator: '=' as const, value: 'template-job' }],
    from: { seconds: BEGIN, nanos: 0 },
    to: { seconds: BEGIN + 3600, nanos: 0 },
    signal: undefined,
    filters: [],
  }
  const origin = { seconds: BEGIN, nanos: 0 }
  await ask('counts of 5 m for each stream and level, over an hour', async () => {
    const selection = { ...whole, origin, step: HOUR / 12n, byMetadata: true, bytes: false }
    let lines = 0
    let rows = 0
    for await (const batch of querier.counts(selection)) {
      rows += batch.length
      for (const { entries } of batch) lines += entries
    }
    return `${lines} lines in ${rows} counts`
  })
  const lines = async (query: string): Promise<string> => {
    const data = await queryRange(querier, parseExpression(query), {
      start: BigInt(BEGIN) * 1_000_000_000n,
      end: BigInt(BEGIN) * 1_000_000_000n + HOUR,
      step: 60_000_000_000n,
      interval: 0n,
      limit: 100,
      direction: 'backward',
      flags: [],
    })
    return `${data.result.length} streams`
  }
  const metric = 'sum by (parse_status) (count_over_time({job="template-job"}[5m]))'
  await ask(metric, () => lines(metric))
  await ask('{job="template-job"} |= "needle 7f3a9c"', () => lines('{job="template-job"} |= "needle 7f3a9c"'))
  await ask('{job="template-job"} |~ "needle [0-9a-f]{6}$"', () =>
    lines('{job="template-job"} |~ "needle [0-9a-f]{6}$"'),
  )
  await ask('{job="template-job"}, the newest 100', () => lines('{job="template-job"}'))
  await ask('statistics of all streams', async () => `${(await querier.statistics(whole)).length} streams`)
}

const folder = await mkdtemp(join(tmpdir(), 'logstream-bench-'))
try {
  const file = join(folder, 'transactions.log')
  await writeSeed(file)
  const piped = await measured(() => throughPipeline(file, join(folder, 'piped')))
  say(
    `${LINES} lines through the pipeline: ${Math.round(LINES / piped.cpu)} per CPU second, ${Math.round(LINES / piped.wall)} per second`,
  )
  const store = await openStore(join(folder, 'direct'), { threads: 2, maxMemory: 512 * MIB })
  const direct = await measured(() => fill(store))
  say(
    `${QUERY_LINES} lines without one: ${Math.round(QUERY_LINES / direct.cpu)} per CPU second, ${Math.round(QUERY_LINES / direct.wall)} per second`,
  )
  await store.close()
  const opened = await measured(() => openStore(join(folder, 'direct'), { threads: 2, maxMemory: 512 * MIB }))
  const again = opened.result
  const size = await again.database.size()
  say(`opened in ${opened.wall.toFixed(2)} s; ${(size / QUERY_LINES).toFixed(1)} bytes a line on disk`)
  await queries(again)
  say(`peak RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`)
  await again.close()
} finally {
  await rm(folder, { recursive: true, force: true })
}
