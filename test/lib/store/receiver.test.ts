/** Entries of the pipeline end when they are stored, or for a named reason. */
import t from 'tap'
import { Batch } from '../../../lib/flow/batch.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import { labelSet } from '../../../lib/flow/labels.ts'
import { openStore, select, StoreHarness, storeFolder, SECONDS } from '../../support/store-harness.ts'

void t.test('what is written is stored, and then settled', async (t) => {
  const path = await storeFolder((run) => t.teardown(run))
  const harness = new StoreHarness({ path })
  const early = harness.write(['early'], { job: 'a', __hidden__: 'x', empty: '' })
  await harness.component.start?.()
  await early
  await harness.write(['one', 'two'])
  await harness.until('delivered', 3)
  await harness.write(['three', 'x'.repeat(262_145)], { job: 'a' })
  await harness.write(['no labels left'], { __a__: 'b' })
  const entry = new Entry(SECONDS, 0, 'bad name', labelSet({ job: 'a' }))
  entry.structuredMetadata = [['...', 'x']]
  harness.component.input!.write(new Batch([entry]))
  t.equal(await harness.end(), undefined)
  t.same(
    harness.ledger
      .rows()
      .map(({ state, reason, units }) => `${state} ${reason} ${units}`)
      .sort(),
    ['delivered  5', 'dropped line_too_long 1'],
  )
  const store = await openStore(path)
  t.teardown(() => store.close())
  const stored = await select(store)
  t.same(stored.map(({ line }) => line).sort(), ['early', 'no labels left', 'one', 'three', 'two'])
  t.same([...new Set(stored.map(({ stream }) => stream.text))].sort(), [
    '{job="a", service_name="a"}',
    '{job="test", service_name="test"}',
    '{service_name="unknown_service"}',
  ])
})

void t.test('a store that cannot be opened is told to who writes', async (t) => {
  const path = await storeFolder((run) => t.teardown(run))
  const other = await openStore(path)
  t.teardown(() => other.close())
  const harness = new StoreHarness({ path: `${path}/store.duckdb/below` })
  harness.component.input!.on('error', () => {})
  const write = harness.write(['x'])
  await t.rejects(Promise.resolve(harness.component.start?.()), { code: 'IO' })
  await t.rejects(write, { code: 'IO' })
  await harness.component.close?.()
  t.equal(harness.ledger.total('delivered'), 0)
})

void t.test('while the store cannot write, entries wait, with one warning', async (t) => {
  const harness = new StoreHarness({ path: await storeFolder((run) => t.teardown(run)) })
  await harness.component.start!()
  const { writer } = harness.component.store!
  await writer.exclusive((connection) => connection.run('ALTER TABLE entries RENAME TO hidden'))
  for (const line of ['one', 'two', 'three']) {
    const { failures } = writer.counts
    await harness.write([line])
    while (writer.counts.failures === failures) await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal(harness.ledger.total('delivered'), 0)
  t.match(
    harness.log.filter((line) => line.includes('could not be stored')),
    [/level=warn .*tried again each second" .*entries=1/],
  )
  await writer.exclusive((connection) => connection.run('ALTER TABLE hidden RENAME TO entries'))
  await writer.heal()
  await harness.until('delivered', 3)
  t.equal(await harness.end(), undefined)
})
