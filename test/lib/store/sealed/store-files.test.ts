/** Files that a disk refuses to show or to move stay part of the store. */
import { mkdir, readdir, rename, rm, rmdir, symlink, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openStore, push, select, storeFolder } from '../../../support/store-harness.ts'

async function sealedStore(t: Test): Promise<{ folder: string; part: string }> {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder)
  await push(store, { app: 'a' }, ['one', 'two'])
  await store.upkeep.sealNow()
  await store.close()
  const names = await readdir(join(folder, 'parquet'), { recursive: true })
  return {
    folder,
    part: join(
      folder,
      'parquet',
      names.find((name) => name.endsWith('.parquet'))!,
    ),
  }
}

async function lines(folder: string): Promise<string[]> {
  const store = await openStore(folder)
  try {
    return (await select(store)).map(({ line }) => line)
  } finally {
    await store.close()
  }
}

void t.test('one that cannot be looked at is not taken for a missing one', async (t) => {
  const { folder, part } = await sealedStore(t)
  await rename(part, `${part}.there`)
  await symlink(part, part)
  await t.rejects(openStore(folder), { code: 'IO', message: /parquet.*looked at.*symbolic links/ })
  await rm(part)
  await rename(`${part}.there`, part)
  t.same(await lines(folder), ['one', 'two'])
})

void t.test('a damaged one that cannot be set aside is not deleted', async (t) => {
  const { folder, part } = await sealedStore(t)
  await truncate(part, 100)
  await mkdir(`${part}.damaged`)
  for (const attempt of ['once', 'again'])
    await t.rejects(openStore(folder), { code: 'IO', message: /parquet.*set aside/ }, attempt)
  await rmdir(`${part}.damaged`)
  t.same(await lines(folder), [])
  t.ok((await readdir(join(part, '..'))).some((name) => name.endsWith('.parquet.damaged')))
})
