import t from 'tap'
import { queryInstant, queryRange } from '../../../../lib/logql/engine/engine.ts'
import { parseExpression } from '../../../../lib/logql/syntax/parse.ts'
import { ranged, store } from '../../../support/logql-lines.ts'

const querier = store([
  [{ app: 'a' }, { 100: 'one', 130: 'two', 161: 'three' }],
  [{ app: 'b' }, { 100: 'four' }],
])
const second = 1_000_000_000n
const request = {
  start: 0n,
  end: 1000n * second,
  step: 10n * second,
  limit: 100,
  direction: 'backward' as const,
  interval: 0n,
  flags: [],
}

void t.test('steps are aligned to the outside, and empty ones have no point', async (tap) => {
  const data = await ranged(querier, 'count_over_time({app="a"}[1m])', [101, 239, 60])
  tap.same(data, {
    resultType: 'matrix',
    result: [
      {
        metric: { app: 'a' },
        values: [
          [120, '1'],
          [180, '2'],
        ],
      },
    ],
  })
})

void t.test('numbers and vectors', async (tap) => {
  tap.same(await ranged(querier, '1 + 1', [0, 20, 10]), {
    resultType: 'matrix',
    result: [
      {
        metric: {},
        values: [
          [0, '2'],
          [10, '2'],
          [20, '2'],
        ],
      },
    ],
  })
  tap.same(await queryInstant(querier, parseExpression('2 ^ 3'), 5n * second), {
    resultType: 'scalar',
    result: [5, '8'],
  })
  tap.same(await queryInstant(querier, parseExpression('vector(7)'), 5_500_000_001n), {
    resultType: 'vector',
    result: [{ metric: {}, value: [5.5, '7'] }],
  })
  await tap.rejects(queryInstant(querier, parseExpression('sum(1)'), 0n), /expected a vector, found a number/)
})

void t.test('limits', async (tap) => {
  const run = (query: string, changed: object, limits: object = {}): Promise<unknown> =>
    queryRange(querier, parseExpression(query), { ...request, ...changed }, { limits })
  await tap.rejects(run('{app="a"}', { limit: 5001 }), /max entries limit/)
  await tap.rejects(run('rate({app="a"}[1m])', { step: 1n }), /11,000 points/)
  await tap.rejects(run('rate({app="a"}[1m])', { step: 0n }), /step widths/)
  await tap.rejects(run('{app="a"}', { end: 800n * 3600n * second }), /query length: 33d8h, limit: 30d1h/)
  await tap.rejects(run('sum(rate({app="a"}[5y])) + 1', {}), /query length/)
  await tap.rejects(run('label_replace(rate({app="a"}[5y]), "a", "b", "c", "d")', {}), /query length/)
  await tap.rejects(run('count_over_time({app=~".+"}[10m])', {}, { maxSeries: 1 }), /number of series \(1\)/)
  await tap.rejects(run('{app=~".+"}', {}, { maxScannedLines: 2 }), /more than 2 lines/)
  const instant = parseExpression('count_over_time({app=~".+"}[10m])')
  await tap.rejects(
    queryInstant(querier, instant, 200n * second, { limits: { maxSeries: 1 } }),
    /number of series/,
  )
  await tap.rejects(
    queryInstant(querier, parseExpression('{app="a"}'), 0n),
    /not supported as an instant query/,
  )
  await tap.rejects(run('approx_topk(1, rate({app="a"}[1m]))', {}), /approx_topk is not enabled/)
})

void t.test('a query that was given up ends with the reason', async (tap) => {
  const signal = AbortSignal.abort(new Error('client left'))
  const query = parseExpression('sum(count_over_time({app=~".+"}[10m]))')
  await tap.rejects(queryRange(querier, query, request, { signal }), /client left/)
  let now = 0
  const slow = queryRange(querier, query, request, { limits: { timeout: 10 }, now: () => (now += 11) })
  await tap.rejects(slow, /longer than 10 ms/)
})

void t.test('sort is an order, topk is none', async (tap) => {
  const order = async (query: string): Promise<unknown> => {
    const data = await queryInstant(querier, parseExpression(query), 200n * second)
    return data.resultType === 'vector' && data.result.map(({ metric }) => metric['app'])
  }
  tap.same(await order('sort(count_over_time({app=~".+"}[5m]))'), ['b', 'a'])
  tap.same(await order('sort_desc(count_over_time({app=~".+"}[5m]))'), ['a', 'b'])
  tap.same(await order('sort(count_over_time({app=~".+"}[5m])) * 2'), ['b', 'a'])
  tap.same(await order('bottomk(2, count_over_time({app=~".+"}[5m]))'), ['a', 'b'])
})
