/** When freed memory goes back to the system. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
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

void t.test(
  'what a query has freed is handed back after it',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const path = await storeFolder((run) => t.teardown(run))
    const program = fileURLToPath(new URL('../../support/freed-memory.js', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [program, path])
    t.ok(Number(stdout) > 32, `${stdout.trim()} MiB`)
  },
)

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
