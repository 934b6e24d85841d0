/** Sessions as they were recorded with the real Loki, told to a client without a socket. */
import t, { type Test } from 'tap'
import type { LogExpression } from '../../../../lib/logql/syntax/ast.ts'
import { parseLogExpression } from '../../../../lib/logql/syntax/parse.ts'
import { TailSession, type TailRequest } from '../../../../lib/store/query/tail-session.ts'
import { storeQuerier } from '../../../../lib/store/select.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { openStore, push, SECONDS, storeFolder, type TestLine } from '../../../support/store-harness.ts'

interface Dropped {
  timestamp: string
  labels: Record<string, string>
}

interface Told {
  dropped_entries?: Dropped[]
  streams: { stream: Record<string, string>; values: [string, string, unknown?][] }[]
  encodingFlags?: string[]
}

interface Bench {
  session: TailSession
  clock: StepClock
  client: {
    waiting: number
    closed: string
    send(text: string): void
    close(code: number, reason: string): void
  }
  put: (labels: Record<string, string>, lines: TestLine[]) => Promise<unknown>
  /** What was told since the last call: labels and lines of each entry. */
  told: () => Told[]
}

async function bench(t: Test, query: string, changes: Partial<TailRequest> = {}): Promise<Bench> {
  const clock = new StepClock()
  // The clock of the bench begins before the entries.
  clock.advance((SECONDS + 3600) * 1000 - clock.now())
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const messages: Told[] = []
  const client = {
    waiting: 0,
    closed: '',
    send: (text: string) => void messages.push(JSON.parse(text) as Told),
    close: (_code: number, reason: string) => (client.closed = reason),
  }
  const expression: LogExpression = parseLogExpression(query)
  const start = BigInt(SECONDS) * 1_000_000_000n
  const request = { expression, start, limit: 100, delayMs: 0, flags: [], ...changes }
  const source = { querier: storeQuerier(store), arrivals: store.writer.arrivals, clock }
  const session = new TailSession(request, source, client)
  t.teardown(() => session.close())
  return {
    session,
    clock,
    client,
    put: async (labels, lines) => {
      await push(store, labels, lines)
      // Listeners hear of it in the next turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve))
      clock.advance(100)
    },
    told: () => messages.splice(0),
  }
}

const app = { app: 'tail' }

void t.test('the newest of what was there, then what comes', async (t) => {
  const { session, put, told } = await bench(t, '{app="tail"}', { limit: 3 })
  await put(app, [
    ['old 1', 1],
    ['old 2', 2],
    ['old 3', 3],
    ['old 4', 4],
  ])
  await session.begin()
  const stream = { app: 'tail', service_name: 'tail' }
  const before = { ...stream, detected_level: 'unknown' }
  t.strictSame(told(), [
    {
      streams: [2, 3, 4].map((i) => ({ stream: before, values: [[`${SECONDS + i}000000000`, `old ${i}`]] })),
    },
  ])
  t.strictSame(told(), [])
  await put(app, [
    ['new', 10],
    ['newer', 11, [['trace_id', 'x']]],
  ])
  await put({ app: 'other' }, [['not this', 12]])
  t.strictSame(told(), [
    {
      streams: [
        { stream, values: [[`${SECONDS + 10}000000000`, 'new']] },
        { stream, values: [[`${SECONDS + 11}000000000`, 'newer']] },
      ],
    },
  ])
})

void t.test('a pipeline runs over what comes, and all labels are told', async (t) => {
  const query = '{app="tail"} |= "keep" | logfmt | line_format "{{.msg}}"'
  const { session, put, told } = await bench(t, query)
  await session.begin()
  await put(app, [
    ['msg=no', 1],
    ['msg="keep me" k=v', 2],
  ])
  const stream = { app: 'tail', service_name: 'tail', detected_level: 'unknown', k: 'v', msg: 'keep me' }
  t.strictSame(told(), [{ streams: [{ stream, values: [[`${SECONDS + 2}000000000`, 'keep me']] }] }])
})

void t.test('labels apart for who asks', async (t) => {
  const { session, put, told } = await bench(t, '{app="tail"}', { flags: ['categorize-labels'] })
  await put(app, [['one', 1, [['id', '1']]]])
  await session.begin()
  await put(app, [['two', 2, [['id', '2']]]])
  const values = told().map(({ streams, encodingFlags }) => [encodingFlags, streams[0]?.values[0]?.[2]])
  t.strictSame(values, [
    [['categorize-labels'], { structuredMetadata: { detected_level: 'unknown', id: '1' } }],
    [['categorize-labels'], {}],
  ])
})

void t.test('lines that are held back', async (t) => {
  const { session, put, told, clock } = await bench(t, '{app="tail"}', { delayMs: 2000 })
  await session.begin()
  await put(app, [['delayed', 1]])
  clock.advance(1800)
  t.strictSame(told(), [])
  clock.advance(200)
  t.equal(told()[0]?.streams[0]?.values[0]?.[1], 'delayed')
})

void t.test('a client that is slow is told later, and told what it lost', async (t) => {
  const { session, put, told, clock, client } = await bench(t, '{app="tail"} |= "keep"')
  await session.begin()
  client.waiting = 1e9
  const big = 'x'.repeat(100_000)
  await put(
    app,
    Array.from({ length: 40 }, (_, i): TestLine => [`${i} ${i % 2 === 0 ? 'keep' : 'no'} ${big}`, i]),
  )
  await put(
    app,
    Array.from({ length: 10 }, (_, i): TestLine => [`keep ${i} ${big}`, 100 + i]),
  )
  t.strictSame(told(), [])
  client.waiting = 0
  clock.advance(200)
  const messages = told()
  const lines = messages.flatMap(({ streams }) => streams)
  const dropped = messages.flatMap(({ dropped_entries: each }) => each ?? [])
  t.equal(lines.length + dropped.length, 30, 'only what the pipeline lets pass counts')
  t.ok(dropped.length > 0 && dropped.length < 15, `${dropped.length} dropped`)
  t.strictSame(dropped.at(-1), {
    timestamp: `${SECONDS + 109}000000000`,
    labels: { app: 'tail', service_name: 'tail' },
  })
})

void t.test('a client that never reads is given up', async (t) => {
  const { session, put, clock, client } = await bench(t, '{app="tail"}')
  await session.begin()
  client.waiting = 1e9
  await put(app, [['one', 1]])
  clock.advance(59_000)
  t.equal(client.closed, '')
  clock.advance(2000)
  t.equal(client.closed, 'the client reads too slowly')
})

void t.test('what comes while the backlog is read is told once', async (t) => {
  const { session, put, told } = await bench(t, '{app="tail"}')
  await put(app, [['before', 1]])
  const began = session.begin()
  await put(app, [['during', 2]])
  await began
  await put(app, [['after', 3]])
  t.strictSame(
    told().flatMap(({ streams }) => streams.map(({ values }) => values[0]?.[1])),
    ['before', 'during', 'after'],
  )
})

void t.test(
  'stored lines that a tail begins with are bounded: the newest are told, the others named',
  async (t) => {
    const { session, put, told } = await bench(t, '{app="tail"}')
    const long = 'x'.repeat(250_000)
    for (let i = 0; i < 80; i += 8)
      await put(
        app,
        Array.from({ length: 8 }, (_, j): TestLine => [`${i + j} ${long}`, i + j]),
      )
    await session.begin()
    const messages = told()
    const lines = messages.flatMap(({ streams }) => streams.map(({ values }) => values[0]![1].split(' ')[0]))
    t.ok(lines.length > 60 && lines.length < 70, `${lines.length} lines`)
    t.equal(lines.at(-1), '79')
    const dropped = messages.flatMap(({ dropped_entries: each }) => each ?? [])
    t.equal(lines.length + dropped.length, 80)
  },
)

void t.test('a parser asks the filter on a label, as in queries', async (t) => {
  const { session, put, told } = await bench(t, '{app="tail"} | json | __error__="" | v > 1')
  await session.begin()
  await put(app, [
    ['{"v":"x"}', 1],
    ['{"v":"9"}', 2],
  ])
  t.same(
    told().flatMap(({ streams }) => streams.flatMap(({ values }) => values.map(([, line]) => line))),
    ['{"v":"9"}'],
  )
})
