/** Counts from the indexes of files: the answers are those of a querier that reads every line, and no row is read. */
import t from 'tap'
import type { StructuredMetadata } from '../../../lib/flow/entry.ts'
import { queryInstant, queryRange } from '../../../lib/logql/engine/engine.ts'
import type { Querier } from '../../../lib/logql/engine/querier.ts'
import { parseExpression } from '../../../lib/logql/syntax/parse.ts'
import { storeQuerier } from '../../../lib/store/select.ts'
import type { LogStore } from '../../../lib/store/store.ts'
import { MemoryQuerier } from '../../support/memory-querier.ts'
import { openStore, push, SECONDS, storeFolder, type TestLine } from '../../support/store-harness.ts'

const QUERIES = [
  'sum by (app) (count_over_time({app=~".+"}[30s]))',
  'topk(1, sum by (app) (rate({app=~".+"}[1m])))',
  'sum by (detected_level) (count_over_time({app=~".+"}[1m]))',
  'count_over_time({app="b"}[2m])',
  'sum by (trace) (count_over_time({app=~".+"}[1m]))',
]

/** Ranges in seconds after SECONDS, with their steps. */
const RANGES = [
  { start: -60, end: 420, step: 30 },
  { start: 61, end: 181, step: 30 },
]

interface Wanted {
  readonly app: string
  readonly lines: readonly (readonly [line: string, at: number, metadata?: StructuredMetadata])[]
}

/** `count` lines from `from` to `to`; many of them at ends of buckets, and at the same times in both streams. */
function lines(name: string, { from, to, count }: Readonly<Record<'from' | 'to' | 'count', number>>): Wanted {
  const levels = ['info', 'error', 'info', 'warn']
  const each = (i: number): Wanted['lines'][number] => {
    const at = from + ((to - from) * i) / count
    return [`${name} ${i}`, i % 3 === 0 ? Math.floor(at / 15) * 15 : at, [['detected_level', levels[i % 4]!]]]
  }
  return { app: name, lines: Array.from({ length: count }, (_, i) => each(i)) }
}

async function add(store: LogStore, memory: MemoryQuerier, { app, lines: wanted }: Wanted): Promise<void> {
  await push(store, { app }, wanted as readonly TestLine[])
  const values = wanted.map(([line, at, metadata]): [string, string, Record<string, string>] => [
    String(BigInt(SECONDS) * 1_000_000_000n + BigInt(Math.round(at * 1e9))),
    line,
    Object.fromEntries(metadata ?? []),
  ])
  memory.push({ streams: [{ stream: { app }, values }] })
}

async function answers(querier: Querier): Promise<unknown[]> {
  const nanos = (seconds: number): bigint => BigInt(SECONDS + seconds) * 1_000_000_000n
  const all: unknown[] = []
  for (const query of QUERIES) {
    const expression = parseExpression(query)
    for (const { start, end, step } of RANGES) {
      const range = { start: nanos(start), end: nanos(end), step: nanos(step) - nanos(0) }
      const request = { ...range, limit: 30, direction: 'backward' as const, interval: 0n, flags: [] }
      all.push({ query, start, step, answer: await queryRange(querier, expression, request) })
    }
    all.push({ query, answer: await queryInstant(querier, expression, nanos(120)) })
  }
  return all
}

void t.test('counts of whole buckets', async (t) => {
  const options = { discoverServiceName: [], discoverLogLevels: false }
  const store = await openStore(await storeFolder((run) => t.teardown(run)), options)
  t.teardown(() => store.close())
  const memory = new MemoryQuerier({ discover: false })
  const same = async (what: string): Promise<void> =>
    void t.strictSame(await answers(storeQuerier(store)), await answers(memory), what)
  for (const app of ['a', 'b', 'c']) await add(store, memory, lines(app, { from: 0, to: 180, count: 110 }))
  await store.upkeep.sealNow()
  const [part] = store.database.files.manifest.parts
  t.equal((await store.partIndexes.of(part!))?.counts?.length, 15_000_000_000n)
  await same('one sealed file')

  let reads = 0
  const { database } = store
  const take = database.take.bind(database)
  database.take = async () => {
    reads++
    return await take()
  }
  const nanos = BigInt(SECONDS) * 1_000_000_000n
  const range = { start: nanos - 60_000_000_000n, end: nanos + 420_000_000_000n, step: 30_000_000_000n }
  const request = { ...range, limit: 30, direction: 'backward' as const, interval: 0n, flags: [] }
  for (const query of QUERIES.slice(0, 4))
    await queryRange(storeQuerier(store), parseExpression(query), request)
  t.equal(reads, 0, 'no row is read')

  await add(store, memory, lines('b', { from: 180, to: 360, count: 130 }))
  await store.upkeep.sealNow()
  await same('two files after each other')
  await add(store, memory, { ...lines('late', { from: 40, to: 300, count: 150 }), app: 'a' })
  await same('with rows that are not sealed')
  await store.upkeep.sealNow()
  await same('with late rows')
  await add(store, memory, {
    app: 'c',
    lines: [['other', 100.5, [['trace', 'x']]], ...lines('more', { from: 400, to: 420, count: 40 }).lines],
  })
  await store.upkeep.sealNow()
  await same('with other metadata')
})
