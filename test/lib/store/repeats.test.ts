/** The same time, line and metadata in one stream are stored once, however they come again. */
import fc from 'fast-check'
import t from 'tap'
import { openStore, push, select, storeFolder, type TestLine } from '../../support/store-harness.ts'

void t.test('within a push, across pushes, across commits and restarts', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  const lines: TestLine[] = [
    ['same', 1],
    ['same', 1],
    ['same', 1, [['k', 'v']]],
    ['other', 1],
    ['same', 2],
    ['half \ud800 pair', 2],
    ['\ufeffmark', 2],
    ['same', 1],
  ]
  await push(store, { app: 'a' }, lines)
  t.same(store.counts.repeats, 2)
  await push(store, { app: 'a' }, lines)
  t.same(store.counts.repeats, 2 + 8)
  await push(store, { app: 'b' }, [['same', 1]])
  t.same((await select(store)).length, 7)
  await store.close()
  const again = await openStore(folder)
  t.teardown(() => again.close())
  await Promise.all([push(again, { app: 'a' }, lines), push(again, { app: 'a' }, lines)])
  t.same({ rows: again.counts.rows, repeats: again.counts.repeats }, { rows: 0, repeats: 16 })
  await push(again, { app: 'a' }, [['new', 1]])
  t.same(
    (await select(again)).map(({ line }) => line),
    ['same', 'same', 'other', 'new', 'same', 'same', 'half \ufffd pair', '\ufeffmark'],
  )
})

void t.test('many repetitions at once, spread over time', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const lines = Array.from({ length: 5000 }, (_, i): TestLine => [`line ${i}`, i / 2])
  await push(store, { app: 'a' }, lines)
  await push(store, { app: 'a' }, lines.toReversed())
  t.same(store.counts, { commits: 2, rows: 5000, repeats: 5000, failures: 0 })
})

void t.test('whatever comes in whatever order, each entry is there once', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  const expected = new Set<string>()
  const entry = fc.tuple(fc.constantFrom('x', 'y'), fc.integer({ min: 0, max: 5 }), fc.constantFrom('a', 'b'))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(entry, { maxLength: 6 }), { maxLength: 4 }), async (pushes) => {
      await Promise.all(
        pushes.map(async (entries) => {
          for (const app of ['a', 'b']) {
            const mine = entries.filter(([, , of]) => of === app)
            for (const [line, at] of mine) expected.add(`${app} ${at} ${line}`)
            await push(
              store,
              { app },
              mine.map(([line, at]) => [line, at] as const),
            )
          }
        }),
      )
      const stored = await select(store)
      t.equal(stored.length, expected.size)
    }),
    { numRuns: 15 },
  )
})
