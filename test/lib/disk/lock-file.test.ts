/** Locks against other processes: alive, killed, and killed but not yet waited for by their parent. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { lockHolder, tryLock } from '../../../lib/disk/lock-file.ts'
import { tempDir } from '../../support/write-harness.ts'

void t.test('one at a time, and no file remains', async (t) => {
  const file = join(await tempDir(t), 'made', 'x.lock')
  const lock = await tryLock(file)
  t.equal(await lockHolder(file), process.pid)
  t.equal(await tryLock(file), undefined)
  await lock!.release()
  t.strictSame(await readdir(join(file, '..')), [])
  await (await tryLock(file))!.release()
})

void t.test('of many that want it, also from a dead holder, one gets it', async (t) => {
  const file = join(await tempDir(t), 'x.lock')
  const counts = new Set<number>()
  for (let i = 0; i < 30; i++)
    for (const before of [undefined, '999999999 5', '']) {
      if (before !== undefined) await writeFile(file, before)
      const locks = await Promise.all(Array.from({ length: 20 }, () => tryLock(file)))
      const held = locks.filter((lock) => lock !== undefined)
      counts.add(held.length)
      await held[0]!.release()
    }
  t.strictSame([...counts], [1])
})

void t.test('a process that was killed while it removed a lock is not in the way', async (t) => {
  const file = join(await tempDir(t), 'x.lock')
  for (const each of [file, `${file}.guard`]) await writeFile(each, '999999999 5')
  await (await tryLock(file))!.release()
  t.strictSame(await readdir(join(file, '..')), [])
})

void t.test('what a killed process of the same id has left is not in the way', async (t) => {
  const folder = await tempDir(t)
  const file = join(folder, 'x.lock')
  for (let i = 0; i < 1000; i++) await writeFile(`${file}.${process.pid}.${i}.tmp`, '')
  await (await tryLock(file))!.release()
})

void t.test('where the time of a start is unknown, the process id alone counts', async (t) => {
  const file = join(await tempDir(t), 'x.lock')
  await writeFile(file, String(process.pid))
  t.equal(await tryLock(file), undefined)
})

void t.test('the lock of a zombie is free', { skip: process.platform !== 'linux' }, async (t) => {
  const file = join(await tempDir(t), 'x.lock')
  // The parent replaces itself by a program that doesn't know of the child, so nothing ever waits for that.
  const parent = spawn('sh', ['-c', 'sleep 100 & echo $!; exec sleep 100'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.teardown(() => parent.kill('SIGKILL'))
  const [output] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(output.toString())
  const stat = async (): Promise<string[]> => {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  }
  await writeFile(file, `${pid} ${(await stat())[19]}`)
  t.equal(await tryLock(file), undefined, 'it is alive')
  process.kill(pid, 'SIGKILL')
  while ((await stat())[0] !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5))
  const lock = await tryLock(file)
  t.ok(lock, 'it has ended, though its process id is still there')
  await lock?.release()
})
