import t from 'tap'
import { detectedFieldValues, detectedFields } from '../../../../lib/logql/api/detected-fields.ts'
import { store } from '../../../support/logql-lines.ts'

const querier = store([
  [
    { app: 'a' },
    {
      1: '{"n":1,"f":1.5,"ok":true,"took":"5ms","size":"2KiB","s":"x","o":{"i n":"y"},"app":"z"}',
      2: 'n=2 size=2kB',
      3: 'plain text',
    },
  ],
])
const request = { query: '{app="a"}', start: 0n, end: 10_000_000_000n, limit: 100, lineLimit: 100 }

void t.test('types, parsers and paths', async (tap) => {
  const fields = await detectedFields(querier, request)
  tap.same(
    fields.map(({ label, type, cardinality }) => [label, type, cardinality]),
    [
      ['app_extracted', 'string', 1],
      ['f', 'float', 1],
      ['n', 'int', 2],
      ['o_i_n', 'string', 1],
      ['ok', 'boolean', 1],
      ['s', 'string', 1],
      ['size', 'bytes', 2],
      ['took', 'duration', 1],
    ],
  )
  tap.same(fields.find(({ label }) => label === 'o_i_n')?.jsonPath, ['o', 'i n'])
  tap.same(
    fields.find(({ label }) => label === 'n')?.parsers,
    ['logfmt', 'json'],
    'the newest line came first',
  )
})

void t.test('limits of fields and lines', async (tap) => {
  tap.equal((await detectedFields(querier, { ...request, limit: 2 })).length, 2)
  tap.same(await detectedFields(querier, { ...request, lineLimit: 1 }), [])
})

void t.test('fields that the query parsed', async (tap) => {
  const [field] = await detectedFields(querier, {
    ...request,
    query: '{app="a"} |= "plain" | regexp "(?P<w>\\\\w+)"',
  })
  tap.same(field, { label: 'w', type: 'string', cardinality: 1, parsers: ['logfmt'] })
})

void t.test('values, with sizes as queries write them', async (tap) => {
  tap.same(await detectedFieldValues(querier, 'size', request), ['2.0kB'])
  tap.same(await detectedFieldValues(querier, 'n', request), ['1', '2'])
  tap.equal((await detectedFieldValues(querier, 'n', { ...request, limit: 1 })).length, 1)
  tap.same(await detectedFieldValues(querier, 'none', request), [])
})
