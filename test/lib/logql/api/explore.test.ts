import t from 'tap'
import { detectedLabels, labelNames, labelValues, series } from '../../../../lib/logql/api/explore.ts'
import { store } from '../../../support/logql-lines.ts'

const id = '0b4c8b8e-95a3-4a0b-8f0e-3b7f0c3b2a11'
const querier = store([
  [{ app: 'a', code: '1', id }, { 10: 'x' }],
  [{ app: 'b', code: '2', pod: '7' }, { 20: 'x' }],
])
const range = { start: 0n, end: 100_000_000_000n }

void t.test('names, values, series', async (tap) => {
  tap.same(await labelNames(querier, '', range), ['app', 'code', 'id', 'pod'])
  tap.same(await labelNames(querier, '{app="b"}', range), ['app', 'code', 'pod'])
  tap.same(await labelValues(querier, 'app', '', range), ['a', 'b'])
  tap.same(await labelValues(querier, 'pod', '{app="a"}', range), [])
  tap.same(await series(querier, ['{app="a"}', '{code="1"}'], range), [{ app: 'a', code: '1', id }])
  tap.equal((await series(querier, ['{}'], range)).length, 2)
  tap.equal((await series(querier, [], range)).length, 2)
})

void t.test('only selectors that choose', async (tap) => {
  await tap.rejects(labelNames(querier, '{}', range))
  await tap.rejects(labelValues(querier, 'app', '{app="a"} |= "x"', range))
  await tap.rejects(series(querier, ['{app=""}'], range))
  await tap.rejects(detectedLabels(querier, '{}', range), /at least one/)
  await tap.rejects(series(querier, ['{app="a"}', '{}'], range), /0 matchers/)
  await tap.rejects(series(querier, ['rate({app="a"}[1m])'], range))
})

void t.test('labels of numbers and ids are left out, save those that people always want', async (tap) => {
  tap.same(await detectedLabels(querier, '', range), [
    { label: 'app', cardinality: 2 },
    { label: 'pod', cardinality: 1 },
  ])
  tap.same(await detectedLabels(querier, '{app="none"}', range), [])
})
