/** A disk that refuses something: no file is lost, and none is left over. */
import { mkdir, readdir, rename, rm, rmdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { StepClock } from '../../../support/step-clock.ts'
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

void t.test('a step whose list of files cannot be written leaves nothing behind', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  // Nothing is joined by itself.
  const store = await openStore(folder, {}, new StepClock(Date.now()))
  t.teardown(() => store.close())
  const list = join(folder, 'manifest.json')
  const found = async (): Promise<string[]> =>
    (await readdir(folder, { recursive: true })).filter((name) =>
      /\.(?:duckdb|parquet|idx|jsonl)$/.test(name),
    )
  const fails = async (step: () => Promise<unknown>): Promise<void> => {
    const before = await found()
    await rename(list, `${list}.there`).catch(() => undefined)
    await mkdir(list)
    await t.rejects(step(), { code: 'EISDIR' })
    t.same(await found(), before)
    await rmdir(list)
    await rename(`${list}.there`, list).catch(() => undefined)
  }
  await push(store, { app: 'a' }, [['line 0', 0]])
  await fails(() => store.upkeep.sealNow())
  // A second file takes entries when the first one can't be sealed.
  await writeFile(join(folder, 'parquet'), '')
  await t.rejects(store.upkeep.sealNow())
  await rm(join(folder, 'parquet'))
  await fails(() => store.upkeep.sealNow())
  for (let i = 1; i < 5; i++) {
    await store.upkeep.sealNow()
    await push(store, { app: 'a' }, [[`line ${i}`, i]])
  }
  await store.upkeep.sealNow()
  await fails(() => store.upkeep.compact(2n ** 62n))
  t.equal(await store.upkeep.compact(2n ** 62n), 5)
  t.same(
    (await select(store)).map(({ line }) => line),
    Array.from({ length: 5 }, (_, i) => `line ${i}`),
  )
})
