/** The store as the LogQL engine asks it: order, filters, counts. Loki's recorded answers are in query/vectors.test.ts. */
import t from 'tap'
import { labelSet } from '../../../lib/flow/labels.ts'
import type { LineFilter } from '../../../lib/logql/syntax/ast.ts'
import type { StepCount } from '../../../lib/logql/engine/querier.ts'
import { decodeJsonPush } from '../../../lib/loki/push-json.ts'
import { storePush } from '../../../lib/store/push/store-push.ts'
import { storeQuerier } from '../../../lib/store/select.ts'
import { dataset } from '../../support/logql-vectors.ts'
import { openStore, push, SECONDS, select, selection, storeFolder } from '../../support/store-harness.ts'

const filter = (operator: LineFilter['operator'], ...texts: string[]): LineFilter => ({
  operator,
  operands: texts.map((text) => ({ ip: false, text })),
})

void t.test('what Loki was given when it was recorded, with its repetitions', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const counts = { received: () => {}, discarded: () => {} }
  for (const name of ['dataset', 'dataset-edge'] as const) {
    const decoded = decodeJsonPush(String(dataset(name)))
    if (!decoded.ok) throw new Error(decoded.error)
    t.same(await storePush(store, decoded.streams, counts), { status: 204, message: '' })
  }
  t.same({ rows: store.counts.rows, repeats: store.counts.repeats }, { rows: 3513, repeats: 21 })
})

void t.test('lines come in the order of time, those of one stream in the order of arrival', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  await push(store, { app: 'a' }, [
    ['a late', 2],
    ['a one', 1],
    ['a two', 1],
  ])
  await push(store, { app: 'b' }, [['b one', 1.000000001]])
  const lines = async (changes: Parameters<typeof select>[1]): Promise<string[]> =>
    (await select(store, changes)).map(({ line }) => line)
  t.same(await lines({}), ['a one', 'a two', 'b one', 'a late'])
  t.same(await lines({ direction: 'backward' }), ['a late', 'b one', 'a two', 'a one'])
  t.same(await lines({ direction: 'backward', limit: 2 }), ['a late', 'b one'])
  const from = { seconds: SECONDS + 1, nanos: 1 }
  t.same(await lines({ from }), ['b one', 'a late'], 'the start is part of the range')
  t.same(await lines({ to: from }), ['a one', 'a two'], 'the end is not')
  t.same(await lines({ matchers: [{ name: 'app', operator: '=', value: 'b' }] }), ['b one'])
  t.same(await lines({ matchers: [{ name: 'app', operator: '=~', value: 'x.*' }] }), [])
})

void t.test('line filters', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const texts = [
    'GET /a 200',
    'POST /b 500',
    'zwei ä\nzwei',
    "it's 100%",
    '\ufeffmark',
    'nul \0 here',
    'from 10.1.2.3',
  ]
  await push(
    store,
    { app: 'a' },
    texts.map((line, i) => [line, i] as const),
  )
  const lines = async (...filters: LineFilter[]): Promise<string[]> =>
    (await select(store, { filters })).map(({ line }) => line)
  t.same(await lines(), texts, 'lines are as they were')
  t.same(await lines(filter('|=', 'GET', 'POST')), texts.slice(0, 2))
  t.same(await lines(filter('!=', 'GET'), filter('|=', '00')), ['POST /b 500', "it's 100%"])
  t.same(await lines(filter('|~', '^(GET|POST) /[a-z] 5')), ['POST /b 500'])
  t.same(await lines(filter('|~', 'ä.zwei')), [], 'a dot does not match a newline')
  t.same(await lines(filter('|~', '(?s)ä.ZWEI'), filter('|=', 'z')), [])
  t.same(await lines(filter('|~', '(?is)ä.ZWEI')), ['zwei ä\nzwei'])
  t.same(await lines(filter('!~', '.')), [])
  t.same(await lines(filter('|=', "'s")), ["it's 100%"])
  t.same(await lines(filter('|=', '\0')), ['nul \0 here'])
  t.same(await lines(filter('|>', '<_> /<_> 200')), ['GET /a 200'], 'what SQL cannot say')
  const ip: LineFilter = { operator: '|=', operands: [{ ip: true, text: '10.1.0.0/16' }] }
  t.same(await lines(ip), ['from 10.1.2.3'])
  const limited = await select(store, { filters: [ip], limit: 1, direction: 'backward' })
  t.same(
    limited.map(({ line }) => line),
    ['from 10.1.2.3'],
  )
  await t.rejects(select(store, { filters: [filter('|~', '(')] }), { name: 'LogqlError' })
})

void t.test('statistics and counts by step', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const querier = storeQuerier(store)
  t.same(await querier.streams(selection()), [])
  await push(store, { app: 'a', service_name: 's' }, [
    ['x error', 0],
    ['x', 10],
    ['xyz', 10.5],
    ['x', 20],
  ])
  const [only] = await querier.statistics(selection())
  t.equal(only?.stream.key, labelSet({ app: 'a', service_name: 's' }).key)
  t.equal(only?.entries, 4)
  const counts = async (filters: LineFilter[], byMetadata: boolean): Promise<unknown[]> => {
    const found: StepCount[] = []
    const batches = querier.counts({
      ...selection({ filters }),
      origin: { seconds: SECONDS, nanos: 0 },
      step: 10_000_000_000n,
      byMetadata,
      bytes: true,
    })
    for await (const batch of batches) found.push(...batch)
    return found
      .map(({ index, entries, bytes, metadata }) => [index, entries, bytes, metadata?.[0]?.[1]])
      .sort((a, b) => Number(a[0]) - Number(b[0]))
  }
  t.same(
    await counts([], false),
    [
      [-1, 1, 7, undefined],
      [0, 1, 1, undefined],
      [1, 2, 4, undefined],
    ],
    'a step holds its end, not its beginning',
  )
  t.same(await counts([filter('|=', 'error')], true), [[-1, 1, 7, 'error']])
  t.same(await counts([filter('|>', 'x<_>')], false), [
    [-1, 1, 7, undefined],
    [1, 1, 3, undefined],
  ])
})

void t.test('a query ends when it is told to', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  await push(store, { app: 'a' }, ['x'])
  const stop = new AbortController()
  stop.abort(new Error('enough'))
  await t.rejects(select(store, { signal: stop.signal }), { message: 'enough' })
  t.equal((await select(store)).length, 1)
})
