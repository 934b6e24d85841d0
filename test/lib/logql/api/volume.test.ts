import t from 'tap'
import { aggregateByParameter, indexStats, volume, volumeRange } from '../../../../lib/logql/api/volume.ts'
import { store } from '../../../support/logql-lines.ts'

const querier = store([
  [
    { app: 'a', env: 'p' },
    { 10: 'four', 70: 'four' },
  ],
  [{ app: 'b', env: 'p' }, { 10: 'eight...' }],
  [{ app: 'c' }, { 10: 'x' }],
])
const range = { start: 0n, end: 100_000_000_000n }
const request = {
  ...range,
  query: '{app=~".+"}',
  targetLabels: [],
  aggregateBy: 'series' as const,
  limit: 100,
}

void t.test('statistics', async (tap) => {
  tap.same(await indexStats(querier, '{env="p"}', range), { streams: 2, chunks: 2, bytes: 16, entries: 3 })
  tap.same(await indexStats(querier, '{app="none"}', range), { streams: 0, chunks: 0, bytes: 0, entries: 0 })
  await tap.rejects(indexStats(querier, '{app="a"} |= "x"', range))
})

void t.test('volumes', async (tap) => {
  const values = async (changed: object): Promise<unknown> =>
    (await volume(querier, { ...request, ...changed })).result.map(({ metric, value }) => [metric, value])
  tap.same(await values({}), [
    [{ app: 'a' }, [100, '8']],
    [{ app: 'b' }, [100, '8']],
    [{ app: 'c' }, [100, '1']],
  ])
  tap.same(await values({ limit: 1 }), [[{ app: 'a' }, [100, '8']]])
  tap.same(await values({ targetLabels: ['env'] }), [[{ env: 'p' }, [100, '16']]])
  tap.same(await values({ aggregateBy: 'labels' }), [
    [{ app: '' }, [100, '17']],
    [{ env: '' }, [100, '16']],
  ])
  tap.same((await values({ query: '{}' })) as unknown[], [
    [{ app: 'a', env: 'p' }, [100, '8']],
    [{ app: 'b', env: 'p' }, [100, '8']],
    [{ app: 'c' }, [100, '1']],
  ])
  tap.same(await values({ aggregateBy: 'labels', targetLabels: ['env'] }), [[{ env: '' }, [100, '16']]])
})

void t.test('volumes over time', async (tap) => {
  const data = await volumeRange(querier, { ...request, query: '{app="a"}' }, 60_000_000_000n)
  tap.same(data.result, [
    {
      metric: { app: 'a' },
      values: [
        [59.999, '4'],
        [100, '4'],
      ],
    },
  ])
  tap.match(
    await volumeRange(querier, { ...request, query: '{app="b"}' }, 60_000_000_000n),
    { resultType: 'vector', result: [{ metric: { app: 'b' }, value: [59.999, '8'] }] },
    'one bucket',
  )
  await tap.rejects(volumeRange(querier, request, 1n), /too many buckets/)
  await tap.rejects(volumeRange(querier, request, 0n), /too many buckets/)
})

void t.test('aggregateBy', (tap) => {
  tap.same(['', 'series', 'labels'].map(aggregateByParameter), ['series', 'series', 'labels'])
  tap.throws(() => aggregateByParameter('foo'), /invalid aggregation option/)
  tap.end()
})
