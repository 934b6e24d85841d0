import { appendFileSync, mkdirSync, renameSync, watch as watchFolder, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock, type Clock } from '../../../../lib/flow/clock.ts'
import { FolderWatch } from '../../../../lib/components/loki.source.file/folder-watch.ts'
import { createLogger, SILENT } from '../../../../lib/telemetry/log.ts'
import { temporaryFolder, until } from './harness.ts'

void t.test('wakes only the watcher of the file', async (t) => {
  const folder = await temporaryFolder(t)
  const watch = new FolderWatch(systemClock, SILENT)
  const woken: string[] = []
  const watched = ['a', 'b'].map((name) => watch.add(join(folder, name), () => woken.push(name)))
  await until('a notice of a', () => {
    appendFileSync(join(folder, 'a'), 'x')
    return woken.includes('a')
  })
  await until('the file system to be known', () => watched.every(({ reliable }) => reliable))
  watched[0]!.end()
  woken.length = 0
  await until('a notice of b', () => {
    appendFileSync(join(folder, 'a'), 'x')
    writeFileSync(join(folder, 'b'), 'x')
    return woken.includes('b')
  })
  t.notOk(woken.includes('a'))
  watched[1]!.end()
})

void t.test('a missing folder is not an error', async (t) => {
  const folder = join(await temporaryFolder(t), 'later')
  const timers: (() => void)[] = []
  const clock = {
    now: Date.now,
    after: (_: number, run: () => void) => (timers.push(run), { cancel: () => {} }),
  }
  const watch = new FolderWatch(clock, SILENT)
  let woken = 0
  const watched = watch.add(join(folder, 'a'), () => woken++)
  t.notOk(watched.local || watched.reliable)
  woken = 0
  mkdirSync(folder)
  timers.shift()?.()
  await until('a notice', () => {
    appendFileSync(join(folder, 'a'), 'x')
    return woken > 0 && watched.reliable
  })
  t.ok(watched.local)
  watched.end()
})

void t.test('too many notices: it rests, polling has to do', async (t) => {
  const folder = await temporaryFolder(t)
  const rests: number[] = []
  const clock = { now: () => 0, after: (ms: number) => (rests.push(ms), { cancel: () => {} }) }
  const watched = new FolderWatch(clock, SILENT).add(join(folder, 'a'), () => {})
  await until('the watch', () => watched.reliable)
  await until('the rest', () => {
    for (const name of ['a', 'b', 'c', 'd']) appendFileSync(join(folder, name), 'x')
    return rests.length > 0
  })
  t.strictSame(rests, [5000])
  t.match(watched, { local: true, reliable: false })
  watched.end()
})

void t.test('a folder that is moved away is no longer relied on, and looked for again', async (t) => {
  const parent = await temporaryFolder(t)
  const folder = join(parent, 'logs')
  mkdirSync(folder)
  const timers: (() => void)[] = []
  const clock: Clock = { now: Date.now, after: (_, run) => (timers.push(run), { cancel: () => {} }) }
  let woken = 0
  const watched = new FolderWatch(clock, SILENT).add(join(folder, 'a'), () => woken++)
  await until('the watch', () => watched.reliable)
  woken = 0
  renameSync(folder, join(parent, 'old'))
  await until('the loss', () => !watched.reliable)
  t.ok(woken > 0, 'readers look at once')
  mkdirSync(folder)
  timers.shift()!()
  await until('the new folder', () => watched.reliable)
  watched.end()
})

void t.test('files whose changes are missed are polled', async (t) => {
  const watched = new FolderWatch(systemClock, SILENT).add(join(await temporaryFolder(t), 'a'), () => {})
  await until('the watch', () => watched.reliable)
  for (let i = 0; i < 3; i++) watched.missed()
  t.match(watched, { local: true, reliable: false })
  watched.end()
})

void t.test("when the system's limit is reached there is one warning, and files are polled", async (t) => {
  const folder = await temporaryFolder(t)
  const logs: string[] = []
  let full = true
  const timers: (() => void)[] = []
  const clock: Clock = { now: Date.now, after: (_, run) => (timers.push(run), { cancel: () => {} }) }
  const log = createLogger({ level: 'warn', format: 'logfmt' }, (line) => logs.push(line))
  const watch = new FolderWatch(clock, log, (...args) => {
    if (full)
      throw Object.assign(new Error('System limit for number of file watchers reached'), { code: 'ENOSPC' })
    return watchFolder(...args)
  })
  const watched = ['x', 'y'].map((name) => watch.add(join(folder, name, 'a'), () => {}))
  t.notOk(watched.some(({ reliable }) => reliable))
  t.match(logs, [/cannot be watched.*polled.*max_user_watches/])
  t.equal(logs.length, 1)
  mkdirSync(join(folder, 'x'))
  full = false
  timers.shift()!()
  await until('the watch', () => watched[0]!.reliable)
  for (const each of watched) each.end()
})
