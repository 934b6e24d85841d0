/** Every recorded request to the real Loki, over HTTP against a store that the same data was pushed to. */
import t from 'tap'
import { problemsOf, pushFixture, RECORDED } from '../../../support/recorded-queries.ts'
import { StoreHarness, storeFolder } from '../../../support/store-harness.ts'

for (const { folder, options, more } of RECORDED)
  void t.test(folder, async (t) => {
    const path = await storeFolder((run) => t.teardown(run))
    const harness = new StoreHarness({ path, ...options })
    await harness.component.start!()
    t.teardown(() => harness.end())
    for (const file of ['dataset', 'dataset-edge', ...more])
      t.equal(await pushFixture(harness.url, file), 204, file)
    for (const [group, problems] of await problemsOf(harness.url, folder)) t.strictSame(problems, [], group)
  })
