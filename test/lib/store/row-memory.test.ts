/** Memory of rows: handed from query to query, without what an earlier one left in it. */
import t from 'tap'
import type { NumberField } from '../../../lib/logql/engine/querier.ts'
import { RowMemory } from '../../../lib/store/row-memory.ts'
import { storeQuerier } from '../../../lib/store/select.ts'
import { openStore, push, SECONDS, storeFolder } from '../../support/store-harness.ts'

void t.test('a query finds nothing of an earlier one', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)), { discoverLogLevels: false })
  t.teardown(() => store.close())
  const lines = Array.from({ length: 10_000 }, (_, i) => `{"v":${i},"text":"${'x'.repeat(i % 300)}"}`)
  await push(
    store,
    { app: 'a' },
    lines.map((line, i) => [line, Math.floor(i / 10)] as const),
  )
  const querier = storeQuerier(store)
  const ask = async (seconds: number, number?: NumberField): Promise<(number | string)[]> => {
    const selection = {
      matchers: [],
      from: { seconds: SECONDS, nanos: 0 },
      to: { seconds: SECONDS + seconds, nanos: 0 },
      signal: undefined,
      filters: [],
      byMetadata: [],
      number,
    }
    const found: (number | string)[] = []
    for await (const block of querier.rows!(selection).blocks)
      for (const row of block.order) found.push(block.numbers?.[row] ?? block.line(row))
    return found
  }
  const field: NumberField = { parser: { kind: 'json' }, name: 'v', others: [], absent: [] }
  t.same(
    await ask(1000, field),
    lines.map((_, i) => i),
  )
  t.same(await ask(10), lines.slice(0, 100))
  t.same(await ask(1000), lines)
  t.same(await Promise.all([ask(5), ask(7, field)]), [
    lines.slice(0, 50),
    lines.slice(0, 70).map((_, i) => i),
  ])
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
