/** Processes that share a storage path, and what the dead among them have left. */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { takeSpoolFolder } from '../../../lib/delivery/spool-folders.ts'
import { Spool } from '../../../lib/delivery/spool.ts'
import { SILENT } from '../../../lib/telemetry/log.ts'
import { tempDir } from '../../support/write-harness.ts'

void t.test('the leftovers of others come home, behind our own', async (t) => {
  const root = await tempDir(t)
  const folder = join(root, 'spool')
  for (const [name, text] of [
    ['spool', 'a'],
    ['spool-2', 'b'],
    ['spool-3', 'c'],
  ] as const) {
    await mkdir(join(root, name), { recursive: true })
    const spool = await Spool.open({ folder: join(root, name, '0'), maxBytes: 1e6, log: SILENT })
    await spool.append([{ tenant: text, entries: 1, bytes: 1, bornAt: 0, body: Buffer.from(text) }])
    await spool.close()
  }
  const lock = await takeSpoolFolder(folder)
  t.equal(lock?.folder, folder)
  t.same((await readdir(root)).sort(), ['spool'])
  const spool = await Spool.open({ folder: join(folder, '0'), maxBytes: 1e6, log: SILENT })
  const tenants: string[] = []
  for (let head = await spool.head(); head !== undefined; head = await spool.head()) {
    tenants.push(head.tenant)
    await spool.shift()
  }
  t.same(tenants, ['a', 'b', 'c'])
  await lock?.release()
})
