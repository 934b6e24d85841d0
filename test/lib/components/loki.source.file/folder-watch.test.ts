import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../../../lib/flow/clock.ts'
import { FolderWatch } from '../../../../lib/components/loki.source.file/folder-watch.ts'
import { temporaryFolder, until } from './harness.ts'

void t.test('wakes only the watcher of the file', async (t) => {
  const folder = await temporaryFolder(t)
  const watch = new FolderWatch(systemClock)
  const woken: string[] = []
  const ends = ['a', 'b'].map((name) => watch.add(join(folder, name), () => woken.push(name)))
  await until('a notice of a', () => {
    appendFileSync(join(folder, 'a'), 'x')
    return woken.includes('a')
  })
  t.notOk(woken.includes('b'))
  ends[0]!()
  const count = woken.length
  await until('a notice of b', () => {
    appendFileSync(join(folder, 'a'), 'x')
    writeFileSync(join(folder, 'b'), 'x')
    return woken.includes('b')
  })
  t.equal(woken.filter((name) => name === 'a').length, count)
  ends[1]!()
})

void t.test('a missing folder is not an error', async (t) => {
  const folder = join(await temporaryFolder(t), 'later')
  const timers: (() => void)[] = []
  const clock = {
    now: Date.now,
    after: (_: number, run: () => void) => (timers.push(run), { cancel: () => {} }),
  }
  const watch = new FolderWatch(clock)
  let woken = 0
  const end = watch.add(join(folder, 'a'), () => woken++)
  mkdirSync(folder)
  timers.shift()?.()
  await until('a notice', () => {
    appendFileSync(join(folder, 'a'), 'x')
    return woken > 0
  })
  end()
})

void t.test('too many notices: it rests, polling has to do', async (t) => {
  const folder = await temporaryFolder(t)
  const rests: number[] = []
  const clock = { now: () => 0, after: (ms: number) => (rests.push(ms), { cancel: () => {} }) }
  const end = new FolderWatch(clock).add(join(folder, 'a'), () => {})
  await until('the rest', () => {
    for (const name of ['a', 'b', 'c', 'd']) appendFileSync(join(folder, name), 'x')
    return rests.length > 0
  })
  t.strictSame(rests, [5000])
  end()
})
