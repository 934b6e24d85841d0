/** Entries on disk: several processes in one folder, the backup, files of newer versions. */
import { copyFile, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Clock } from '../../../lib/flow/clock.ts'
import { EntryFile, entryKind } from '../../../lib/disk/entry-file.ts'
import type { EntryFormat } from '../../../lib/disk/entry-files.ts'
import { changedOf, formatEntries, isRecord, parseEntries } from '../../../lib/disk/json-entries.ts'
import { temporaryFolder, until, world } from '../components/loki.source.file/harness.ts'

const LIST = { mark: 'test_things', version: 1, list: 'things' }

const format: EntryFormat<readonly [key: string, value: number]> = {
  name: 'things',
  unsaved: 'they are gone',
  text: (entries) => formatEntries(LIST, entries),
  entry: ([key, value], changed) => JSON.stringify({ key, value, changed }),
  parse: (bytes) =>
    parseEntries(LIST, bytes).flatMap((entry) => {
      if (!isRecord(entry) || typeof entry['key'] !== 'string' || typeof entry['value'] !== 'number')
        return []
      const { key, value } = entry
      return [{ key, value: [key, value] as const, changed: changedOf(entry) }]
    }),
}

const THINGS = entryKind(format)

interface Opened {
  readonly file: EntryFile<readonly [string, number]>
  readonly logs: string[]
  readonly set: (key: string, value: number) => void
}

async function open(folder: string, clock?: Clock): Promise<Opened> {
  const { ctx, logs } = world()
  const file = await EntryFile.open(THINGS, { folder, log: ctx.log, clock: clock ?? ctx.clock })
  const set = (key: string, value: number): void => {
    file.attach(key, () => [key, value])
    file.changed(key)
  }
  return { file, logs, set }
}

const json = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.json') && !name.includes('backup')).toSorted()

void t.test('two that share a folder keep what both know', async (t) => {
  const folder = await temporaryFolder(t)
  // Under another path it is another file to this process, as it would be to a second process.
  const alias = join(await temporaryFolder(t), 'alias')
  await symlink(folder, alias)
  const one = await open(folder)
  const two = await open(alias)
  one.set('a', 1)
  two.set('b', 2)
  await one.file.flush()
  await two.file.flush()
  t.strictSame(await json(folder), ['things-2.json', 'things.json'])
  await one.file.close()
  await two.file.close()
  // They come back in the other order, and both find their own.
  const again = await open(folder)
  const other = await open(alias)
  t.strictSame(again.file.get('a'), ['a', 1])
  t.strictSame(other.file.get('b'), ['b', 2])
  again.set('b', 3)
  await again.file.close()
  await other.file.close()
  const last = await open(folder)
  t.strictSame(last.file.get('b'), ['b', 3], 'the latest change counts')
  t.strictSame(await json(folder), ['things.json'], 'what others have left is taken over')
  await last.file.close()
  t.strictSame(
    (await readdir(folder)).filter((name) => name.endsWith('.lock')),
    [],
  )
})

void t.test('the second process is told which one it shares the folder with', async (t) => {
  const folder = await temporaryFolder(t)
  // Process 1 always runs, and it isn't ours.
  const start = (await readFile('/proc/1/stat', 'utf8').catch(() => '')).split(') ')[1]?.split(' ')[19]
  await writeFile(join(folder, 'things.lock'), start === undefined ? '1' : `1 ${start}`)
  const { file, logs } = await open(folder)
  t.match(
    logs.join('\n'),
    /things-2\.json, since another process \(id 1\) has .*things\.json.*storage path of its own/,
  )
  await file.close()
})

void t.test('the last save of a burst is backed up too', async (t) => {
  const folder = await temporaryFolder(t)
  const timers: (() => void)[] = []
  const clock: Clock = {
    now: () => Date.now(),
    after: (_, run) => {
      timers.push(run)
      return { cancel: () => {} }
    },
  }
  const { set } = await open(folder, clock)
  const main = join(folder, 'things.json')
  for (const value of [1, 2, 3]) {
    set('a', value)
    // A save rests before the next one.
    await until(`save ${value}`, async () => {
      for (const run of timers.splice(0)) run()
      return (await readFile(main, 'utf8').catch(() => '')).includes(`"value":${value},`)
    })
  }
  await until('the backup', async () => {
    for (const run of timers.splice(0)) run()
    return (await readFile(join(folder, 'things.backup.json'), 'utf8').catch(() => '')).includes('"value":3,')
  })
  const copy = await temporaryFolder(t)
  await writeFile(join(copy, 'things.json'), '\0\0')
  await copyFile(join(folder, 'things.backup.json'), join(copy, 'things.backup.json'))
  t.strictSame((await open(copy)).file.get('a'), ['a', 3])
})

void t.test('a newer version is refused by name, and its file stays', async (t) => {
  const folder = await temporaryFolder(t)
  const text = '{"test_things":2,"things":[]}'
  await writeFile(join(folder, 'things.json'), text)
  await t.rejects(open(folder), {
    code: 'IO',
    message: /things\.json: .*"test_things" up to 1, found 2.*newer version/,
  })
  t.equal(await readFile(join(folder, 'things.json'), 'utf8'), text)
  t.strictSame(await readdir(folder), ['things.json'])
})

void t.test('what is closed saves no more', async (t) => {
  const folder = await temporaryFolder(t)
  const { file, set } = await open(folder)
  set('a', 1)
  await file.close()
  set('a', 2)
  await file.flush()
  const again = await open(folder)
  t.strictSame(again.file.values(), [['a', 1]])
  await again.file.close()
})

void t.test('within one process the file is shared until the last one closes it', async (t) => {
  const folder = await temporaryFolder(t)
  const [one, two] = await Promise.all([open(folder), open(folder)])
  one.set('a', 1)
  two.set('b', 2)
  await one.file.close()
  two.set('b', 3)
  await Promise.all([two.file.close(), open(folder).then(({ file }) => file.close())])
  const last = await open(folder)
  t.strictSame(last.file.values(), [
    ['a', 1],
    ['b', 3],
  ])
  t.strictSame(await json(folder), ['things.json'])
  await last.file.close()
})
