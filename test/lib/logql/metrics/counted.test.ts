/** Buckets of counts; and on the real store, with Loki's data and hard cases, that they give the answers of the lines. */
import fc from 'fast-check'
import t from 'tap'
import type { RangeAggregation } from '../../../../lib/logql/syntax/ast.ts'
import { Budget, defaultLimits } from '../../../../lib/logql/engine/budget.ts'
import { bucketOf, countsItself, readCounts } from '../../../../lib/logql/metrics/counted.ts'
import { SeriesTable } from '../../../../lib/logql/metrics/windowed-series.ts'
import { queryInstant, queryRange } from '../../../../lib/logql/engine/engine.ts'
import { labelSet } from '../../../../lib/flow/labels.ts'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'
import type { CountingQuerier, CountSelection, Querier } from '../../../../lib/logql/engine/querier.ts'
import { decodeJsonPush } from '../../../../lib/loki/push-json.ts'
import { storePush } from '../../../../lib/store/push/store-push.ts'
import { storeQuerier } from '../../../../lib/store/select.ts'
import { dataset } from '../../../support/logql-vectors.ts'
import { MemoryQuerier } from '../../../support/memory-querier.ts'
import { NO_WINDOWS, samplesOf } from '../../../support/series-samples.ts'
import { openStore, push, select, storeFolder } from '../../../support/store-harness.ts'

const range = (query: string): RangeAggregation => parseExpression(query) as RangeAggregation
const S = 1_000_000_000n

void t.test('buckets', (tap) => {
  const hour = { start: 0n, end: 3600n * S, step: 60n * S }
  for (const [query, steps, expected] of [
    ['rate({a="b"}[5m])', hour, 60n],
    ['count_over_time({a="b"} |= "c" != "d" [90s])', hour, 30n],
    ['bytes_rate({a="b"}[1m] offset 5s)', { ...hour, step: 300n * S }, 60n],
    ['bytes_over_time({a="b"}[5m])', { ...hour, end: 0n }, 300n],
    ['bytes_over_time({a="b"}[5m])', { start: 7n, end: 7n, step: 0n }, 300n],
    ['rate({a="b"}[5m])', { ...hour, step: S / 1000n }, undefined],
    ['rate({a="b"} | json [5m])', hour, undefined],
    ['rate({a="b"} |= "c" | c="d" [5m])', hour, undefined],
    ['rate({a="b"} | unwrap c [5m])', hour, undefined],
    ['absent_over_time({a="b"}[5m])', hour, undefined],
  ] as const)
    tap.equal(bucketOf(range(query), steps), expected === undefined ? undefined : expected * S, query)
  tap.end()
})

void t.test('counts become samples at the ends of buckets', async (tap) => {
  const asked: CountSelection[] = []
  const stream = labelSet({ a: 'b', pod: '1' })
  const count = (index: number, entries: number, pod: string) => ({
    stream: pod === '1' ? stream : labelSet({ a: 'b', pod }),
    metadata: undefined,
    ...{ index, entries, bytes: entries * 10 },
  })
  const memory = new MemoryQuerier()
  const querier: CountingQuerier = {
    entries: (selection) => memory.entries(selection),
    streams: (selection) => memory.streams(selection),
    statistics: (selection) => memory.statistics(selection),
    async *counts(selection) {
      asked.push(selection)
      yield await Promise.resolve([count(0, 1, '1'), count(0, 2, '2')])
      yield [count(3, 4, '1')]
    },
  }
  tap.ok(countsItself(querier))
  tap.notOk(countsItself(memory))
  const steps = { start: 100n * S, end: 120n * S, step: 10n * S }
  const read = async (query: string, labels: readonly string[] | undefined): Promise<unknown> => {
    const outer = labels === undefined ? undefined : { without: false, labels: [...labels] }
    const budget = new Budget(defaultLimits)
    const table = new SeriesTable(NO_WINDOWS)
    await readCounts({ querier, steps, budget, bucket: 10n * S }, range(query), outer, table)
    return table.all.map((series) => samplesOf(series))
  }
  tap.same(await read('rate({a="b"}[20s])', ['a']), [[{ a: 'b' }, [-10e9, 20e9], [3, 4]]])
  tap.same(await read('bytes_rate({a="b"}[20s] offset 1s)', ['x_extracted']), [[{}, [-10e9, 20e9], [30, 40]]])
  tap.same(await read('rate({a="b"}[20s])', undefined), [
    [{ a: 'b', pod: '1' }, [-10e9, 20e9], [1, 4]],
    [{ a: 'b', pod: '2' }, [-10e9], [2]],
  ])
  tap.same(
    asked.map(({ byMetadata, bytes, origin, from, to }) => [byMetadata, bytes, origin.seconds, from, to]),
    [
      [['a'], false, 80, { seconds: 80, nanos: 0 }, { seconds: 120, nanos: 1 }],
      [['x_extracted', 'x'], true, 79, { seconds: 79, nanos: 0 }, { seconds: 119, nanos: 1 }],
      [true, false, 80, { seconds: 80, nanos: 0 }, { seconds: 120, nanos: 1 }],
    ],
  )
})

void t.test('metrics that the store counts are those of its lines', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const counts = { received: () => {}, discarded: () => {} }
  for (const name of ['dataset', 'dataset-edge'] as const) {
    const decoded = decodeJsonPush(String(dataset(name)))
    if (!decoded.ok) throw new Error(decoded.error)
    await storePush(store, decoded.streams, counts)
  }
  // Names in the place of values, names that need an escape, and clashes with the stream.
  const traces = ['trace', 'pod', 'a"b\\', ']['].flatMap((trace_id, i) => [
    [
      'level=warn ä' + String(i),
      i,
      [
        ['trace_id', trace_id],
        ['app', 'z'],
      ],
    ] as const,
    [
      '\ufeffx' + String(i),
      i + 0.5,
      [
        ['pod', trace_id],
        ['x', 'trace_id'],
        ['trace_id', 'q'],
      ],
    ] as const,
    ['plain', i + 0.5] as const,
  ])
  await push(store, { app: 'traced', level: 'info' }, traces)
  await push(store, { app: 'bad', level: 'info' }, [
    [
      'x',
      0,
      [
        ['__error__', 'Broken'],
        ['pod', 'p'],
      ],
    ],
  ])
  const pushed = storeQuerier(store)
  const plain: Querier = {
    entries: (all) => pushed.entries(all),
    streams: (all) => pushed.streams(all),
    statistics: (all) => pushed.statistics(all),
  }
  let counted = 0
  const counting: Querier = { ...plain, counts: (all) => (counted++, pushed.counts(all)) }
  const outcome = async (querier: Querier, query: string, [start, end, step]: readonly bigint[]) => {
    try {
      const expression = parseExpression(query)
      if (step === 0n) return await queryInstant(querier, expression, end!)
      const rest = { interval: 0n, limit: 100, direction: 'forward' as const, flags: [] }
      return await queryRange(querier, expression, { start: start!, end: end!, step: step!, ...rest })
    } catch (error) {
      return error
    }
  }
  const stored = await select(store)
  const time = (entry: (typeof stored)[number]): bigint =>
    BigInt(entry.seconds) * 10n ** 9n + BigInt(entry.nanos)
  const times = stored.map(time)
  const from = fc.constantFrom('{app=~".+"}', '{app="traced"}', '{app=~"traced|bad"}', '{service_name!=""}')
  const filters = fc.constantFrom('', '|= "a"', '!~ "[0-9]{3}" |= "e"', '|> "<_>=<_>"', '!= "ä"')
  const ranges = fc.constantFrom('1s', '90s', '5m', '1h', '2s offset 1s', '5m offset -7s', '1500ms')
  const functions = fc.constantFrom('count_over_time', 'rate', 'bytes_over_time', 'bytes_rate')
  const outer = fc.constantFrom(
    ...['', 'sum', 'sum by (app)', 'sum by (detected_level)', 'sum by (trace_id, pod)', 'avg by (pod)'],
    ...['sum without (trace_id)', 'sum by (app_extracted, level)', 'max without (app)', 'topk by (app) (2,'],
  )
  const steps = fc.constantFrom(0n, 1_000_000_000n, 7_000_000_000n, 60_000_000_000n, 300_000_000_000n)
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        from,
        filters,
        ranges,
        functions,
        outer,
        steps,
        at: fc.nat(times.length - 1),
        off: fc.integer({ min: -2, max: 2 }),
      }),
      async (c) => {
        const [interval = '', ...offset] = c.ranges.split(' ')
        const inner = `${c.functions}(${c.from} ${c.filters} [${interval}] ${offset.join(' ')})`
        const query =
          c.outer === ''
            ? inner
            : c.outer.endsWith(',')
              ? `topk by (app) (2, ${inner})`
              : `${c.outer} (${inner})`
        const end = times[c.at]! + BigInt(c.off)
        const span = [end - 20n * (c.steps === 0n ? 1n : c.steps), end, c.steps]
        t.strictSame(
          await outcome(counting, query, span),
          await outcome(plain, query, span),
          `${query} ${span.join()}`,
        )
      },
    ),
    { numRuns: 100 },
  )
  t.ok(counted >= 75, `${counted} were counted`)
})
