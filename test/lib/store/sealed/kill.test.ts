/** Killed while it seals, joins files and deletes: nothing acknowledged is missing, nothing is there twice. Fifty rounds are in test/services. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { storeFolder } from '../../../support/store-harness.ts'
import { killRound } from '../../../support/store-kill.ts'

void t.test('kill -9', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const acknowledged: number[] = []
  let next = 0
  const hasSealed = async (): Promise<boolean> => {
    const names = await readdir(join(folder, 'parquet'), { recursive: true }).catch(() => [])
    return names.some((name) => name.endsWith('.parquet'))
  }
  // The longer rounds are for a machine so busy that nothing was sealed until then.
  for (const ms of [100, 300, 1000, 3000, 10_000]) {
    if (ms > 300 && (await hasSealed())) break
    const result = await killRound(folder, next, ms, acknowledged, ms === 100 ? 'compact' : 'delete')
    t.ok(result.acknowledged.length > 0, `${result.acknowledged.length} pushes`)
    t.same({ missing: result.missing, doubled: result.doubled }, { missing: [], doubled: 0 })
    acknowledged.push(...result.acknowledged)
    next = result.next
  }
  t.ok(await hasSealed(), 'something was sealed')
})
