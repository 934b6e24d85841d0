/** In a process of its own, as sizes are those of a process: prints how many MiB go back to the system after a large result was read. */
import { setImmediate } from 'node:timers/promises'
import { Database } from '../../lib/store/database.ts'
import { FreedMemory } from '../../lib/store/memory.ts'
import { collectYoung } from '../../lib/store/young-garbage.ts'
import { SILENT } from '../../lib/telemetry/log.ts'

const [, , path = ''] = process.argv
const MIB = 1024 ** 2
const bounds = { threads: 1, maxMemory: 512 * MIB, checkpointBytes: 16 * MIB }
const database = await Database.open({ path, ...bounds, freed: new FreedMemory(0), now: 0, log: SILENT })
let before = 0
await database.use(async (connection) => {
  const read = async (): Promise<void> => {
    const result = await connection.run('SELECT i, i + 1, i + 2, i + 3 FROM range(1000000) t(i)')
    for (let i = 0; i < result.chunkCount; i++) result.getChunk(i)
  }
  await read()
  collectYoung()
  await setImmediate()
  before = process.memoryUsage.rss()
})
await database.handBack()
process.stdout.write(`${Math.round((before - process.memoryUsage.rss()) / MIB)}\n`)
await database.close()
