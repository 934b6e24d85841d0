import t from 'tap'
import { Budget, defaultLimits } from '../../../../lib/logql/engine/budget.ts'
import { type LogRequest, runLogQuery } from '../../../../lib/logql/engine/log-query.ts'
import { parseLogExpression } from '../../../../lib/logql/syntax/parse.ts'
import type { LogStream } from '../../../../lib/logql/api/answers.ts'
import { MemoryQuerier } from '../../../support/memory-querier.ts'

const querier = new MemoryQuerier({ discover: false, batchSize: 2 })
querier.push({
  streams: [
    {
      stream: { app: 'a' },
      values: [
        ['10', 'one'],
        ['20', 'two', { t: '1' }],
        ['30', 'three'],
        ['30', 'four'],
      ],
    },
    {
      stream: { app: 'b' },
      values: [
        ['20', 'five'],
        ['25', 'level=warn'],
      ],
    },
  ],
})

const request: LogRequest = {
  start: 10n,
  end: 31n,
  limit: 100,
  direction: 'forward',
  interval: 0n,
  flags: [],
}

async function run(query: string, changed: Partial<LogRequest> = {}): Promise<LogStream[]> {
  const budget = new Budget(defaultLimits)
  return (await runLogQuery(querier, parseLogExpression(query), { ...request, ...changed }, budget)).result
}

function lines(streams: LogStream[]): string[] {
  return streams.flatMap(({ values }) => values.map(([time, line]) => `${time}:${line}`)).sort()
}

void t.test('directions, limits and ends', async (tap) => {
  tap.same(lines(await run('{app="a"}')), ['10:one', '20:two', '30:four', '30:three'])
  const [backward] = await run('{app="a"}', { direction: 'backward', limit: 2 })
  tap.same(backward?.values, [
    ['30', 'four'],
    ['30', 'three'],
  ])
  tap.same(lines(await run('{app="a"}', { limit: 1 })), ['10:one'])
  tap.same(lines(await run('{app="a"}', { start: 11n, end: 30n })), ['20:two'], 'the end is not part')
  tap.same(lines(await run('{app="a"}', { start: 30n, end: 30n })), ['30:four', '30:three'], 'exactly there')
  tap.same(await run('{app="a"}', { start: 10n, end: 10n }), [], 'but not the first line of a stream')
  tap.same(await run('{app="a"}', { start: 20n, end: 10n }), [])
})

void t.test('streams are sorted, and set apart by all their labels', async (tap) => {
  tap.same(
    (await run('{app=~".+"} | logfmt')).map(({ stream }) => stream),
    [{ app: 'a' }, { app: 'a', t: '1' }, { app: 'b' }, { app: 'b', level: 'warn' }],
  )
  const data = await runLogQuery(
    querier,
    parseLogExpression('{app=~".+"} | logfmt'),
    { ...request, flags: ['categorize-labels', 'x'] },
    new Budget(defaultLimits),
  )
  tap.same(data.encodingFlags, ['categorize-labels', 'x'])
  tap.same(
    data.result.map(({ stream }) => stream),
    [{ app: 'a' }, { app: 'b' }],
  )
  tap.same(data.result[0]?.values[1], ['20', 'two', { structuredMetadata: { t: '1' } }])
  tap.same(data.result[1]?.values[1], ['25', 'level=warn', { parsed: { level: 'warn' } }])
})

void t.test('an interval keeps lines apart over all streams', async (tap) => {
  tap.same(lines(await run('{app=~".+"}', { interval: 10n })), ['10:one', '20:two', '30:three'])
  tap.same(lines(await run('{app=~".+"}', { interval: 15n, direction: 'backward' })), ['10:one', '30:four'])
})

void t.test('the store is asked for no more than needed', async (tap) => {
  await run('{app="a"} |= "o" | json | level="x"')
  tap.match(querier.lastSelection, { filters: [{ operator: '|=' }], limit: undefined })
  await run('{app="a"} | json |= "o" | line_format "x" |= "x"')
  tap.equal(querier.lastSelection?.filters.length, 1, 'a filter after a parser moves to the front')
  await run('{app="a"} |= "o"', { limit: 7 })
  tap.equal(querier.lastSelection?.limit, 7)
  querier.batches = 0
  await run('{app=~".+"} | json', { limit: 1 })
  tap.equal(querier.batches, 1, 'reading ends with the limit')
})

void t.test('a parser already asks the filter on a label that it finds', async (tap) => {
  const parsed = new MemoryQuerier({ discover: false })
  const given = [
    '{"v":"x","w":"1"}',
    '{"v":"9","w":"1"}',
    'v=x w=1',
    'v=9 w=1',
    'v=9 =',
    '{"v":"x","_entry":"packed"}',
  ]
  parsed.push({ streams: [{ stream: { app: 'p' }, values: given.map((line, i) => [`${i + 10}`, line]) }] })
  for (const [stages, expected] of [
    // Its error comes before the filter on errors.
    ['| json | __error__="" | v > 1', ['11:{"v":"9","w":"1"}']],
    ['| logfmt | __error__="" | v > 1', ['13:v=9 w=1', '14:v=9 =']],
    ['| logfmt --strict | drop __error__ | __error__="" | v=~".+"', ['12:v=x w=1', '13:v=9 w=1']],
    ['| pattern "v=<v> <_>" | drop v | v="x"', []],
    ['| pattern "v=<v> <_>" | __error__="" | v < 10', ['13:v=9 w=1', '14:v=9 =']],
    ['| regexp "v=(?P<v>.)" | label_format v="5" | v="9"', []],
    ['| unpack | keep app | v!="x"', given.slice(0, 5).map((line, i) => `${i + 10}:${line}`)],
    // With another label beside it the filter waits for its turn.
    ['| json | w="1" | __error__="" | v > 1 or w="2"', ['10:{"v":"x","w":"1"}', '11:{"v":"9","w":"1"}']],
    ['| json v="v", w="w" | w="1" | __error__="" | v > 1', ['10:{"v":"x","w":"1"}', '11:{"v":"9","w":"1"}']],
  ] as const) {
    const expression = parseLogExpression(`{app="p"} ${stages}`)
    const { result } = await runLogQuery(parsed, expression, request, new Budget(defaultLimits))
    tap.same(lines(result), expected, stages)
  }
})
