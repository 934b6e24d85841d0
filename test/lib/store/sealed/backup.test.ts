/** Backups: into a folder that was opened as a store since, and one that ends in the middle. */
import { copyFile, mkdir, readdir, readFile, rename, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { backUp } from '../../../../lib/store/sealed/backup.ts'
import type { LogStore } from '../../../../lib/store/store.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { openStore, push, SECONDS, select, storeFolder } from '../../../support/store-harness.ts'

const NOW = (SECONDS + 60) * 1000

async function sealLine(store: LogStore, line: string, at: number): Promise<void> {
  await push(store, { app: 'a' }, [[line, at]])
  await store.upkeep.sealNow()
}

async function linesOf(t: Test, folder: string): Promise<string[]> {
  const store = await openStore(folder, {}, new StepClock(NOW))
  try {
    return (await select(store)).map(({ line }) => line)
  } finally {
    await store.close()
    const names = await readdir(folder, { recursive: true })
    t.same(names.filter((name) => name.endsWith('.damaged')), []) // prettier-ignore
  }
}

void t.test('a copy that joined its files survives a backup that ends in the middle', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const [path, target] = [join(folder, 'store'), join(folder, 'copy')]
  const store = await openStore(path, {}, new StepClock(NOW))
  t.teardown(() => store.close())
  const lines = ['one', 'two', 'three', 'four', 'five', 'six', 'seven']
  for (const [at, line] of lines.slice(0, 4).entries()) await sealLine(store, line, at)
  await backUp(path, target, NOW)
  const copy = await openStore(target, {}, new StepClock(NOW))
  t.equal(await copy.upkeep.compact(2n ** 62n), 4)
  await copy.close()

  for (const [at, line] of [...lines.entries()].slice(4)) await sealLine(store, line, at)
  const interrupted = backUp(path, target, NOW, async (from, to) => {
    if (/streams-\d+\.jsonl$/.test(from)) throw new Error('interrupted')
    await copyFile(from, to)
  })
  await t.rejects(interrupted, { message: 'interrupted' })
  t.same(await linesOf(t, target), lines.slice(0, 4))

  await backUp(path, target, NOW)
  t.same(await linesOf(t, target), lines)
})

void t.test('a backup that is interrupted shows nothing that was deleted', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const copy = await storeFolder((run) => t.teardown(run))
  const store = await openStore(folder, { deleteRequestCancelPeriod: 0 })
  t.teardown(() => store.close())
  await push(store, { app: 'a' }, ['kept', 'secret'])
  await store.upkeep.sealNow()
  await store.deletions.add({ query: '{app="a"} |= "secret"', from: 0, to: Date.now() })
  await backUp(folder, copy, Date.now())
  await store.deletions.process()
  t.notOk(store.deletions.requests.pending.length)
  // Its list of files can't be written.
  const list = join(copy, 'manifest.json')
  await rename(list, `${list}.there`)
  await mkdir(list)
  await t.rejects(backUp(folder, copy, Date.now()), { code: 'EISDIR' })
  await rmdir(list)
  await rename(`${list}.there`, list)
  t.same(await linesOf(t, copy), ['kept'])
  await backUp(folder, copy, Date.now())
  t.same(await linesOf(t, copy), ['kept'])
  const deletes = 'deletes.json'
  t.equal(await readFile(join(copy, deletes), 'utf8'), await readFile(join(folder, deletes), 'utf8'))
})
