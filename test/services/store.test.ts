/** The store for minutes: fifty kills while it seals and compacts, and the recorded queries on a sealed store. */
import t from 'tap'
import { StoreHarness, storeFolder } from '../support/store-harness.ts'
import { killRound } from '../support/store-kill.ts'
import { problemsOf, pushFixture, RECORDED } from '../support/recorded-queries.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 50)

void t.test('kill -9 at any step of sealing and compaction', { timeout: 900_000 }, async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const acknowledged: number[] = []
  let next = 0
  for (let round = 0; round < ROUNDS; round++) {
    const result = await killRound(folder, next, 50 + Math.random() * 950, acknowledged, true)
    acknowledged.push(...result.acknowledged)
    t.same(
      { missing: result.missing, doubled: result.doubled },
      { missing: [], doubled: 0 },
      `round ${round}`,
    )
    next = result.next
  }
  t.comment(`${acknowledged.length} pushes were acknowledged`)
})

for (const { folder, options, more } of RECORDED)
  void t.test(`sealed: ${folder}`, { timeout: 300_000 }, async (t) => {
    const path = await storeFolder((run) => t.teardown(run))
    const harness = new StoreHarness({ path, ...options })
    await harness.component.start!()
    t.teardown(() => harness.end())
    for (const file of ['dataset', 'dataset-edge', ...more])
      t.equal(await pushFixture(harness.url, file), 204, file)
    await harness.component.store!.upkeep.sealNow()
    for (const [group, problems] of await problemsOf(harness.url, folder)) t.strictSame(problems, [], group)
  })
