/** When freed memory goes back to the system. */
import t from 'tap'
import { Database } from '../../../lib/store/database.ts'
import { FreedMemory } from '../../../lib/store/memory.ts'
import { SILENT } from '../../../lib/telemetry/log.ts'
import { storeFolder } from '../../support/store-harness.ts'

const MIB = 1024 ** 2

void t.test('a large process hands back memory when it has grown since it last did', (t) => {
  let size = 100 * MIB
  const freed = new FreedMemory(512 * MIB, () => size)
  const at = (mib: number): boolean => {
    size = mib * MIB
    return freed.isWorthwhile
  }
  t.notOk(at(256), 'not at half of the bound')
  t.ok(at(257), 'but beyond it')
  t.ok(at(300))
  freed.handedBack()
  t.notOk(at(331), 'what was looked for and not there is in use')
  t.ok(at(332), 'until there is more')
  t.notOk(at(270))
  t.ok(at(302), 'more than at the smallest size since')
  t.end()
})

void t.test('a query that has freed much is followed by handing it back', async (t) => {
  let size = 0
  const log = SILENT
  const path = await storeFolder((run) => t.teardown(run))
  const freed = new FreedMemory(256 * MIB, () => size)
  const limits = { threads: 1, maxMemory: 256 * MIB, checkpointBytes: 16 * MIB }
  const database = await Database.open({ path, ...limits, freed, now: 0, log })
  t.teardown(() => database.close())
  size = 200 * MIB
  let before = 0
  await database.use(async (connection) => {
    await connection.run('CREATE TEMP TABLE large AS SELECT md5(i::VARCHAR) AS text FROM range(1500000) t(i)')
    await connection.run('DROP TABLE large')
    before = process.memoryUsage.rss()
  })
  await database.handBack()
  t.notOk(freed.isWorthwhile, 'it was done')
  // Other platforms have other allocators.
  if (process.platform === 'linux') t.ok(before - process.memoryUsage.rss() > 32 * MIB)
})

void t.test('no other setting can be changed while the database is open', async (t) => {
  const path = await storeFolder((run) => t.teardown(run))
  const limits = { threads: 1, maxMemory: 64 * MIB, checkpointBytes: 16 * MIB }
  const database = await Database.open({ path, ...limits, now: 0, log: SILENT })
  t.teardown(() => database.close())
  for (const setting of ['enable_external_access = true', 'threads = 8', `allowed_configs = ['threads']`])
    await t.rejects(
      database.use((connection) => connection.run(`SET ${setting}`)),
      /locked/,
    )
})
