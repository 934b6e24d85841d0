/** `logstream store verify`, `compact` and `backup`, as commands on a folder and beside a running store. */
import { readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { openStore, push, select, StoreHarness, storeFolder } from '../../support/store-harness.ts'

async function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const io = fakeIo()
  const status = await main(['store', ...args], io)
  return { status, out: io.out(), err: io.err() }
}

void t.test('compact, verify and backup of a store that is stopped', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const [path, copy] = [join(folder, 'store'), join(folder, 'copy')]
  const store = await openStore(path)
  const long = 'x'.repeat(5000)
  for (let i = 0; i < 4; i++) {
    await push(store, { app: 'a' }, [[`line ${i}`, i], [long, i + 0.5]]) // prettier-ignore
    await store.upkeep.sealNow()
  }
  await push(store, { app: 'b' }, [['not sealed yet', 9]])
  const lines = (await select(store)).map(({ line }) => line)
  await store.close()
  t.match(await run('verify', '--path', path), { status: 0, out: /^6 files, 9 entries, 0 files damaged\n$/ })
  t.match(await run('compact', '--path', path), { status: 0, out: /^4 sealed files became 1, / })
  t.match(await run('backup', '--path', path, copy), { status: 0, out: /^9 entries in 4 files, .* 4 of them were new/ }) // prettier-ignore
  t.match(await run('backup', '--path', path, copy), { status: 0, out: / 0 of them were new/ })
  t.match(await run('verify', '--path', copy), { status: 0, out: / 9 entries, 0 files damaged/ })
  const restored = await openStore(copy)
  t.same((await select(restored)).map(({ line }) => line), lines) // prettier-ignore
  t.equal((await push(restored, { app: 'c' }, ['new'])).status, 204)
  await restored.close()

  const day = join(copy, 'parquet', '2026-01-05')
  const parquet = (await readdir(day)).find((name) => name.endsWith('.parquet'))!
  await writeFile(join(day, parquet.replace('.parquet', '.idx')), 'not an index')
  t.match(await run('verify', '--path', copy), {
    status: 4,
    out: /its index .*idx can't be read\n.* 1 files damaged/,
  })
  await truncate(join(day, parquet), 100)
  t.match(await run('verify', '--path', copy), { err: /a sealed file is damaged: it was set aside/ })
})

void t.test('backup of a running store', async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const [path, copy] = [join(folder, 'store'), join(folder, 'copy')]
  const harness = new StoreHarness({ path })
  await harness.component.start!()
  t.teardown(() => harness.end())
  await push(harness.component.store!, { app: 'a' }, ['one'])
  t.match(await run('backup', '--path', path, '--url', harness.url, copy), { status: 0, out: /^1 entries/ })
  await push(harness.component.store!, { app: 'a' }, [['two', 1]])
  t.match(await run('backup', '--path', path, '--url', harness.url, copy), { status: 0, out: /^2 entries/ })
  const restored = await openStore(copy)
  t.same((await select(restored)).map(({ line }) => line), ['one', 'two']) // prettier-ignore
  await restored.close()
  t.match(await run('backup', '--path', path, '--url', 'http://127.0.0.1:9', copy), { status: 1, err: /could not be asked to seal/ }) // prettier-ignore
})

void t.test('bad usage', async (t) => {
  t.match(await run('backup'), { status: 1, err: /takes one DIR/ })
  t.match(await run('verify', 'x'), { status: 1, err: /unexpected "x"/ })
})
