/** Memory of rows: handed from query to query, without what an earlier one left in it. */
import t, { type Test } from 'tap'
import type { NumberField, Querier } from '../../../lib/logql/engine/querier.ts'
import { RowMemory } from '../../../lib/store/row-memory.ts'
import { storeQuerier } from '../../../lib/store/select.ts'
import type { LogStore } from '../../../lib/store/store.ts'
import { openStore, push, SECONDS, storeFolder } from '../../support/store-harness.ts'

const BLANK = { signal: undefined, filters: [], matchers: [], byMetadata: [] } as const

async function ask(
  querier: Querier,
  seconds: number,
  number?: NumberField,
): Promise<readonly (number | string)[]> {
  const [from, to] = [SECONDS, SECONDS + seconds].map((each) => ({ seconds: each, nanos: 0 }))
  const found: (number | string)[] = []
  for await (const block of querier.rows!({ ...BLANK, from: from!, to: to!, number }).blocks)
    for (const row of block.order) found.push(block.numbers?.[row] ?? block.line(row))
  return found
}

async function filled(t: Test, lines: readonly string[]): Promise<LogStore> {
  const store = await openStore(await storeFolder((run) => t.teardown(run)), { discoverLogLevels: false })
  t.teardown(() => store.close())
  await push(
    store,
    { app: 'a' },
    lines.map((line, i) => [line, Math.floor(i / 10)] as const),
  )
  return store
}

void t.test('a query finds nothing of an earlier one', async (t) => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `{"v":${i},"text":"${'x'.repeat(i % 300)}"}`)
  const querier = storeQuerier(await filled(t, lines))
  const field: NumberField = { parser: { kind: 'json' }, name: 'v', others: [], absent: [] }
  const numbers = lines.map((_, i) => i)
  t.same(await ask(querier, 1000, field), numbers)
  t.same(await ask(querier, 10), lines.slice(0, 100))
  t.same(await ask(querier, 1000), lines)
  t.same(await Promise.all([ask(querier, 5), ask(querier, 7, field)]), [
    lines.slice(0, 50),
    numbers.slice(0, 70),
  ])
})

void t.test('stores share it', async (t) => {
  const memory = new RowMemory()
  const rows = memory.take()
  memory.give(rows)
  for (const line of ['one', 'other']) {
    t.same(await ask(storeQuerier(await filled(t, [line]), memory), 1), [line])
    t.equal(memory.take(), rows)
    memory.give(rows)
  }
})

void t.test('what is too large is not kept', (t) => {
  const memory = new RowMemory()
  const [large, small] = [memory.take(), memory.take()]
  t.not(large, small)
  large.bytes = new Uint8Array(32 * 1024 * 1024)
  memory.give(large)
  t.equal(memory.take(), large, 'kept as long as a query runs')
  memory.give(small)
  memory.give(large)
  memory.trim()
  t.equal(memory.take(), small)
  t.not(memory.take(), large)
  t.end()
})
