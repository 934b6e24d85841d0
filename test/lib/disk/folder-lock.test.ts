/** Locks on folders, also against other processes, dead or alive. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { lockFirst } from '../../../lib/disk/folder-lock.ts'
import { tempDir } from '../../support/write-harness.ts'

const MODULE = new URL('../../../lib/disk/folder-lock.js', import.meta.url).href

/** Another process that holds the folder until it is killed. */
async function holder(folder: string): Promise<() => Promise<void>> {
  const script = `const { lockFirst } = await import(${JSON.stringify(MODULE)})
    const lock = await lockFirst([${JSON.stringify(folder)}])
    console.log(lock === undefined ? 'no' : 'yes')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  await once(child.stdout, 'data')
  return async () => {
    if (child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

void t.test('a folder of another process is passed over until that is dead', async (t) => {
  const folder = await tempDir(t)
  const kill = await holder(folder)
  t.teardown(kill)
  t.equal(await lockFirst([folder]), undefined)
  const other = await lockFirst([folder, join(folder, 'other')])
  t.equal(other?.folder, join(folder, 'other'))
  await other?.release()
  await kill()
  const lock = await lockFirst([folder])
  t.equal(lock?.folder, folder)
  await lock?.release()
  t.same(await readdir(folder), ['other'])
})

void t.test('within one process the next one waits', async (t) => {
  const folder = await tempDir(t)
  const first = await lockFirst([folder])
  const order: string[] = []
  const second = lockFirst([folder]).then((lock) => {
    order.push('second')
    return lock
  })
  order.push('release')
  await first?.release()
  await (await second)?.release()
  t.same(order, ['release', 'second'])
})

void t.test('a lock without an owner, or with a process id that was reused', async (t) => {
  const folder = await tempDir(t)
  for (const text of ['', 'rubbish', `${process.pid} 1`, '999999999 5']) {
    await writeFile(join(folder, 'lock'), text)
    const lock = await lockFirst([folder])
    t.equal(lock?.folder, folder, JSON.stringify(text))
    await lock?.release()
  }
})
