/** Killed while it seals, joins files and deletes: nothing acknowledged is missing, nothing is there twice. Fifty rounds are in test/services. */
import { readdir } from 'node:fs/promises'
import t from 'tap'
import { storeFolder } from '../../../support/store-harness.ts'
import { killRound } from '../../../support/store-kill.ts'

void t.test('kill -9', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const acknowledged: number[] = []
  let next = 0
  for (const ms of [100, 300]) {
    const result = await killRound(folder, next, ms, acknowledged, ms === 100 ? 'compact' : 'delete')
    t.ok(result.acknowledged.length > 0, `${result.acknowledged.length} pushes`)
    t.same({ missing: result.missing, doubled: result.doubled }, { missing: [], doubled: 0 })
    acknowledged.push(...result.acknowledged)
    next = result.next
  }
  // On a busy machine the kills may come before anything was sealed.
  const names = await readdir(folder, { recursive: true })
  t.comment(`${names.filter((name) => name.endsWith('.parquet')).length} sealed files`)
})
