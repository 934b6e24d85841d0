/** Processes that share a storage path, what ended ones have left, and that no destination gets another's lines. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import t, { type Test } from 'tap'
import { encodeRecord, type SpoolRecord } from '../../../lib/delivery/spool-format.ts'
import {
  destinationFolders,
  foreignSpools,
  labelSpool,
  takeSpoolFolder,
  titleOf,
  type SpoolOwner,
} from '../../../lib/delivery/spool-folders.ts'
import { Spool } from '../../../lib/delivery/spool.ts'
import { SILENT } from '../../../lib/telemetry/log.ts'
import { withFewFiles } from '../../support/few-files.ts'
import { tempDir } from '../../support/write-harness.ts'

const ours: SpoolOwner = { key: 'loki-1', endpoint: '0', title: 'http://loki/' }
const theirs: SpoolOwner = { key: 'other-2', endpoint: '0', title: 'http://other/' }

let born = 0

const record = (text: string): SpoolRecord => ({
  route: '',
  entries: 1,
  bytes: 1,
  bornAt: ++born,
  body: Buffer.from(text),
})

async function put(folder: string, ...texts: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  const spool = await Spool.open({ folder, maxBytes: 1e6, log: SILENT })
  await spool.append(texts.map(record))
  await spool.close()
}

/** As 0.1.0 left it: numbered files without marks, and a cursor. */
async function putLegacy(
  folder: string,
  texts: readonly string[],
  { number = 1, cursor }: { number?: number; cursor?: string } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const name = `${String(number).padStart(10, '0')}.spool`
  const records = texts.map((text) => encodeRecord(record(text)))
  await writeFile(join(folder, name), Buffer.concat([Buffer.from('logstream spool 1\n'), ...records]))
  if (cursor !== undefined) await writeFile(join(folder, 'cursor'), cursor)
}

async function contents(tap: Test, folder: string): Promise<string[]> {
  const spool = await Spool.open({ folder, maxBytes: 1e6, log: SILENT })
  tap.teardown(() => spool.close())
  const texts: string[] = []
  for (let held = await spool.oldest(); held !== undefined; held = await spool.oldest()) {
    texts.push(held.record.body.toString())
    await spool.take(held.place)
  }
  return texts
}

void t.test('what ended processes have left for our destination comes home, oldest first', async (tap) => {
  const root = await tempDir(tap)
  const folder = join(root, 'spool')
  await put(join(root, 'spool-2', ours.key), 'a')
  await put(join(root, 'spool-3', ours.key), 'b')
  await put(join(folder, ours.key), 'c')
  const lock = await takeSpoolFolder(folder, [ours])
  tap.equal(lock?.folder, folder)
  tap.same(await readdir(root), ['spool'])
  tap.same(await contents(tap, join(folder, ours.key)), ['a', 'b', 'c'])
  await lock?.release()
})

void t.test(
  'the cursor of 0.1.0 spares what it says, and never what was adopted under its name',
  async (tap) => {
    const size = encodeRecord(record('x')).length
    const sent = (records: number, number = 1): string =>
      `${String(number).padStart(10, '0')}.spool ${18 + records * size}\n`
    const cases: [cursorOfOurs: string | undefined, left: string[]][] = [
      [undefined, ['a', 'b', 'c']],
      [sent(2), ['a', 'b', 'c']],
      [sent(2, 7), ['a', 'b', 'c']],
      [sent(3).replace(/\d\n/, '1\n'), ['a', 'b', 'c']],
    ]
    for (const [cursor, left] of cases) {
      const root = await tempDir(tap)
      const folder = join(root, 'spool')
      await mkdir(join(folder, '0'), { recursive: true })
      if (cursor !== undefined) await writeFile(join(folder, '0', 'cursor'), cursor)
      await putLegacy(join(root, 'spool-2', '0'), ['a', 'b', 'c'])
      const lock = await takeSpoolFolder(folder, [ours])
      tap.same(await contents(tap, join(folder, ours.key)), left, `a leftover cursor: ${cursor}`)
      await lock?.release()
    }
    const root = await tempDir(tap)
    await putLegacy(join(root, 'spool', '0'), ['a', 'b', 'c'], { number: 3, cursor: sent(2, 3) })
    await putLegacy(join(root, 'spool-2', '0'), ['d', 'e'], { cursor: sent(1) })
    const lock = await takeSpoolFolder(join(root, 'spool'), [ours])
    tap.same(await contents(tap, join(root, 'spool', ours.key)), ['c', 'e'], 'cursors that are right')
    await lock?.release()
  },
)

void t.test("another destination's lines are left to it", async (tap) => {
  const root = await tempDir(tap)
  const folder = join(root, 'spool')
  await put(join(folder, theirs.key), 'theirs')
  await labelSpool(join(folder, theirs.key), { ...theirs, endpoint: '1' })
  await put(join(root, 'spool-2', theirs.key), 'theirs too')
  await put(join(root, 'spool-2', ours.key), 'ours')
  const first = await takeSpoolFolder(folder, [ours])
  tap.same(await contents(tap, join(folder, ours.key)), ['ours'])
  const foreign = await foreignSpools(folder, first!.folder, [ours])
  tap.match(foreign, [{ folder: join(root, 'spool-2', theirs.key), title: theirs.title, files: 2 }])
  tap.equal(await titleOf(foreign[0]!.folder), theirs.title)
  await first?.release()
  const second = await takeSpoolFolder(folder, [theirs])
  tap.same(await contents(tap, join(folder, theirs.key)), ['theirs too', 'theirs'].sort())
  const folders: string[] = []
  for await (const each of destinationFolders(folder)) folders.push(basename(each))
  tap.same(folders.sort(), [ours.key, theirs.key].sort())
  await second?.release()
})

void t.test(
  'where the storage is one config alone, an endpoint keeps its lines when its URL changes',
  async (tap) => {
    const root = await tempDir(tap)
    const folder = join(root, 'spool')
    for (const process of ['spool', 'spool-2']) {
      await put(join(root, process, theirs.key), `from ${process}`)
      await labelSpool(join(root, process, theirs.key), theirs)
    }
    await put(join(folder, 'third-3'), 'of another endpoint')
    await labelSpool(join(folder, 'third-3'), { key: 'third-3', endpoint: '1', title: 'http://third/' })
    const inherited: string[] = []
    const lock = await takeSpoolFolder(folder, [ours], (title, heir) =>
      inherited.push(`${title} ${heir.title}`),
    )
    tap.same(await contents(tap, join(folder, ours.key)), ['from spool', 'from spool-2'])
    tap.same(
      inherited,
      Array.from({ length: 2 }, () => 'http://other/ http://loki/'),
    )
    await lock?.release()
  },
)

void t.test('what cannot be taken over at first is taken over later', async (tap) => {
  const folder = join(await tempDir(tap), 'spool')
  await put(join(`${folder}-2`, ours.key), 'a')
  // In the way of its folder.
  await mkdir(folder)
  await writeFile(join(folder, ours.key), '')
  await tap.rejects(takeSpoolFolder(folder, [ours]))
  await rm(join(folder, ours.key))
  const lock = await takeSpoolFolder(folder, [ours])
  tap.same(await contents(tap, join(folder, ours.key)), ['a'])
  await lock!.release()
})

void t.test('without file descriptors nothing is taken for empty or damaged', async (tap) => {
  const folder = join(await tempDir(tap), 'spool')
  await put(join(`${folder}-2`, ours.key), 'a', 'b')
  await put(join(folder, ours.key), 'c')
  const script = new URL('../../support/spool-few-files.js', import.meta.url)
  tap.match(await withFewFiles(script, folder, ours.key), /too many open files/)
  tap.same(await contents(tap, join(folder, ours.key)), ['a', 'b', 'c'])
})
