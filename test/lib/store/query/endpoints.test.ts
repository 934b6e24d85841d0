import t from 'tap'
import type { Querier, StreamSelection } from '../../../../lib/logql/engine/querier.ts'
import {
  answerFieldValues,
  answerValues,
  endpoints,
  type Asked,
} from '../../../../lib/store/query/endpoints.ts'

const signal = new AbortController().signal
const NOW = 1_767_607_200_000_000_000n

function asked(values: Record<string, string> = {}, name = ''): Asked {
  return { values: new URLSearchParams(values), name, flags: undefined, now: NOW, signal, limits: undefined }
}

function empty(): { querier: Querier; selections: StreamSelection[] } {
  const selections: StreamSelection[] = []
  const note = <T>(found: T): ((selection: StreamSelection) => T) => {
    return (selection) => {
      selections.push(selection)
      return found
    }
  }
  return {
    selections,
    querier: {
      entries: note([]),
      streams: note(Promise.resolve([])),
      statistics: note(Promise.resolve([])),
    },
  }
}

const query = '{a="b"}'

void t.test('what is answered where nothing is found', async (t) => {
  const cases: [path: string, answer: unknown][] = [
    ['labels', { status: 'success' }],
    ['label', { status: 'success' }],
    ['series', { status: 'success', data: [] }],
    ['detected_labels', {}],
    ['detected_fields', {}],
    ['patterns', { status: 'success', data: [] }],
    ['query_range', { status: 'success', data: { resultType: 'streams', result: [] } }],
    ['index/stats', { streams: 0, chunks: 0, bytes: 0, entries: 0 }],
    ['index/volume', { status: 'success', data: { resultType: 'vector', result: [] } }],
    ['index/volume_range', { status: 'success', data: { resultType: 'vector', result: [] } }],
  ]
  for (const [path, answer] of cases)
    t.strictSame(await endpoints[path]!(empty().querier, asked({ query })), answer, path)
  t.strictSame(await answerValues(empty().querier, asked({}, 'a')), { status: 'success' })
  t.strictSame(await answerFieldValues(empty().querier, asked({ query }, 'a')), {})
})

void t.test('a bad parameter is refused also where it has no effect', async (t) => {
  const metric = { query: 'rate({a="b"}[1m])' }
  const day = { query, start: '1767500000', end: '1767586400' }
  const cases: [path: string, values: Record<string, string>][] = [
    ['query', { ...metric, limit: '0' }],
    ['query', { ...metric, direction: 'up' }],
    ['query_range', { ...day, step: '1' }],
    ['index/stats', { query, step: 'x' }],
    ['index/stats', { query, direction: 'up' }],
    ['index/volume', { query, time: 'noon' }],
    ['index/volume', { query, direction: 'up' }],
    ['index/volume_range', { query, interval: '-1' }],
    ['detected_fields', { query, step: '0' }],
    ['detected_fields', { query, field_limit: '0' }],
  ]
  for (const [path, values] of cases)
    await t.rejects(
      async () => endpoints[path]!(empty().querier, asked(values)),
      { name: 'LogqlError' },
      `${path} ${JSON.stringify(values)}`,
    )
})

void t.test('limit=0 of volumes is the default, of lines an error', async (t) => {
  for (const path of ['index/volume', 'index/volume_range'])
    t.match(
      await endpoints[path]!(empty().querier, asked({ query, limit: '0' })),
      { status: 'success' },
      path,
    )
  const lines = async (): Promise<unknown> =>
    await endpoints['query_range']!(empty().querier, asked({ query, limit: '0' }))
  await t.rejects(lines, /limit must be a positive/)
})

void t.test('the signal and the last hour reach the store', async (t) => {
  for (const path of [
    'labels',
    'series',
    'index/stats',
    'detected_labels',
    'detected_fields',
    'query_range',
  ]) {
    const { querier, selections } = empty()
    await endpoints[path]!(querier, asked({ query }))
    const [selection] = selections
    t.equal(selection?.signal, signal, path)
    t.strictSame([selection?.from.seconds, selection?.to.seconds], [1_767_603_600, 1_767_607_200], path)
  }
})

void t.test('series takes selectors under both names', async (t) => {
  const { querier, selections } = empty()
  const values = new URLSearchParams([
    ['match', '{a="1"}'],
    ['match[]', '{a="2"}'],
    ['match', '{a="3"}'],
  ])
  await endpoints['series']!(querier, { ...asked(), values })
  t.strictSame(new Set(selections.map(({ matchers }) => matchers[0]?.value)), new Set(['1', '2', '3']))
})
