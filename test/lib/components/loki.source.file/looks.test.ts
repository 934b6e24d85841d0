import { appendFileSync, symlinkSync, watch as fsWatch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Clock } from '../../../../lib/flow/clock.ts'
import { systemClock } from '../../../../lib/flow/clock.ts'
import { FolderWatch } from '../../../../lib/components/loki.source.file/folder-watch.ts'
import { Looks } from '../../../../lib/components/loki.source.file/looks.ts'
import { Pause } from '../../../../lib/components/loki.source.file/pause.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { temporaryFolder, until, type Tidy } from './harness.ts'

interface Place {
  readonly path: string
  readonly looks: Looks
  readonly watch: FolderWatch
  /** The delays that were asked for; `tick` ends the last one. */
  readonly delays: number[]
  readonly tick: () => void
}

async function place(t: Tidy, name: string, notices = true): Promise<Place> {
  const folder = await temporaryFolder(t)
  writeFileSync(join(folder, 'file'), 'one\n')
  symlinkSync(join(folder, 'file'), join(folder, 'link'))
  const delays: number[] = []
  let last = (): void => {}
  const clock: Clock = {
    now: () => 0,
    after: (ms, run) => {
      delays.push(ms)
      last = run
      return { cancel: () => {} }
    },
  }
  const watch = new FolderWatch(systemClock, SILENT, (at, options, notice) =>
    fsWatch(at, options, notices ? notice : () => {}),
  )
  const path = join(folder, name)
  // Another one tells when the folder's file system is known.
  const known = watch.add(join(folder, 'other'), () => {})
  await until('the watch', () => known.reliable)
  const looks = new Looks(path, new Pause(clock, 100, 100, 20), watch)
  t.teardown(() => {
    looks.close()
    known.end()
  })
  return { path, looks, watch, delays, tick: () => last() }
}

void t.test(
  'a file that was read to its end is looked at when it changes, and swept every ten seconds',
  async (t) => {
    const { path, looks, delays, tick } = await place(t, 'file')
    looks.finished(await looks.look())
    let due = false
    const waited = looks.due(true).then(() => (due = true))
    t.same(delays, [10_000])
    tick()
    await until('the next sweep', () => delays.length === 2)
    t.notOk(due, 'nothing has changed')
    appendFileSync(path, 'two\n')
    await until('the notice', () => delays.at(-1) === 20)
    tick()
    await waited
    const next = looks.due(true)
    t.equal(delays.at(-1), 100, 'polled until it is finished again')
    looks.hurry()
    t.equal(delays.at(-1), 20)
    tick()
    await next
  },
)

void t.test('a change without a notice is found by the sweep', async (t) => {
  const { path, looks, delays, tick } = await place(t, 'file', false)
  looks.finished(await looks.look())
  const waited = looks.due(false)
  t.same(delays, [10_000])
  appendFileSync(path, 'two\n')
  tick()
  await waited
})

void t.test('links are polled, since changes of what they lead to are not told', async (t) => {
  const { looks, delays, tick } = await place(t, 'link')
  looks.finished(await looks.look())
  const waited = looks.due(true)
  t.same(delays, [100])
  tick()
  await waited
})

void t.test('only what can not hang is looked at at once: a plain file in a local folder', async (t) => {
  const { looks: plain } = await place(t, 'file')
  t.notOk(plain.local, 'not known before the first look')
  t.notOk(plain.look() instanceof Promise)
  t.ok(plain.local)
  const { looks: link } = await place(t, 'link')
  const look = link.look()
  t.ok(look instanceof Promise)
  t.equal((await look).size, 4n, 'that of what it leads to')
  t.notOk(link.local)
  const { looks: missing } = await place(t, 'missing')
  t.throws(() => missing.look(), { code: 'ENOENT' })
})

void t.test('where nothing is watched, files are polled', async (t) => {
  const { path, delays } = await place(t, 'file')
  const clock: Clock = { now: () => 0, after: (ms) => (delays.push(ms), { cancel: () => {} }) }
  const pause = new Pause(clock, 100, 100, 20)
  const looks = new Looks(path, pause, undefined)
  looks.finished(await looks.look())
  const waited = looks.due(true)
  t.same(delays, [100])
  looks.end()
  await waited
  looks.close()
})
