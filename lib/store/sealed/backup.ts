/**
 * Copies what is sealed of a store, which may be running: sealed files don't change, and the copy's list is written last. A
 * copy is a store of its own. Copying into the same folder again copies what is new, and deletes what isn't in the store
 * any more.
 */
import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf } from '../../disk/atomic.ts'
import { syncFile } from '../../disk/sync-file.ts'
import { syncFolder } from '../../disk/sync-folder.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import { hidingBoth, readLists, writeLists } from './lists.ts'
import { newHotFile, readManifest, writeManifest, type Manifest } from './manifest.ts'
import { indexFile } from './store-files.ts'

export interface BackupResult {
  readonly files: number
  /** Those that the target didn't have yet. */
  readonly copied: number
  readonly bytes: number
  readonly entries: number
}

/** How often the copy is begun anew because a file was deleted or joined with others while it was copied. */
const ATTEMPTS = 10

/**
 * A copy numbers its own files so far above those of the store. Opened, it may join what it holds: the store gives the next
 * numbers too, and a backup that ended after it had written over such a file would have damaged the copy.
 */
const NUMBERS_APART = 1_000_000

/**
 * Throws IO when the folder holds no sealed store, or when a file can't be copied. `copy` resolves when a file is safely there.
 */
export async function backUp(
  folder: string,
  target: string,
  now: number,
  copy: (from: string, to: string) => Promise<void> = copySynced,
): Promise<BackupResult> {
  for (let attempt = 1; ; attempt++) {
    const manifest = await readManifest(folder)
    if (manifest === undefined)
      throw new LogstreamError('IO', `"${folder}" holds no sealed files: expected a manifest.json in it`)
    try {
      return await copyAll(manifest, { folder, target, now, copy })
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      if (attempt < ATTEMPTS) continue
      if (manifest.bucket === undefined) throw error
      throw new LogstreamError(
        'IO',
        `some files of "${folder}" are only in its bucket (${messageOf(error)}): copy the bucket, or raise cache_size until they are on the disk`,
        { cause: error },
      )
    }
  }
}

interface Copying {
  readonly folder: string
  readonly target: string
  readonly now: number
  readonly copy: (from: string, to: string) => Promise<void>
}

async function copyAll(manifest: Manifest, { folder, target, now, copy }: Copying): Promise<BackupResult> {
  const long = [...new Set(manifest.parts.flatMap((part) => part.long))].map((name) => `long/${name}`)
  const names = [
    ...manifest.parts.flatMap((part) => [part.file, indexFile(part)]),
    ...(manifest.streams === '' ? [] : [manifest.streams]),
    ...long,
  ]
  let copied = 0
  let bytes = 0
  const folders = new Set<string>([target])
  for (const name of names) {
    const [from, to] = [join(folder, name), join(target, name)]
    await mkdir(dirname(to), { recursive: true })
    folders.add(dirname(to))
    const { size } = await stat(from)
    bytes += size
    if ((await sizeOf(to)) === size) continue
    await copy(from, to)
    copied++
  }
  for (const each of folders) await syncFolder(each)
  // What was hidden stays hidden in the copy, and the rules are those of the store.
  const lists = await readLists(folder)
  await writeLists(target, hidingBoth(await readLists(target), lists))
  const number = manifest.nextFile + NUMBERS_APART
  await writeManifest(target, {
    ...manifest,
    nextFile: number + 1,
    hot: [newHotFile(number, now)],
    obsolete: [],
    // The bucket is that of the store.
    bucket: undefined,
  })
  await writeLists(target, lists)
  await removeOthers(target, new Set(names))
  const entries = manifest.parts.reduce((sum, { rows }) => sum + rows, 0)
  return { files: names.length, copied, bytes, entries }
}

// Files of long lines grow: the earlier copy stays whole until the new one is.
async function copySynced(from: string, to: string): Promise<void> {
  const temporary = `${to}.tmp`
  await copyFile(from, temporary, constants.COPYFILE_FICLONE)
  await syncFile(temporary)
  await rename(temporary, to)
}

async function sizeOf(path: string): Promise<number | undefined> {
  return await stat(path).then(
    ({ size }) => size,
    () => undefined,
  )
}

// Of an earlier copy.
async function removeOthers(target: string, names: ReadonlySet<string>): Promise<void> {
  const found = (await readdir(target, { recursive: true })).map((name) => name.replaceAll('\\', '/'))
  for (const name of found)
    if (/^(?:parquet\/.*\d{6,}\.(?:parquet|idx)|streams-\d+\.jsonl|long\/\d+\.bin)(?:\.tmp)?$/.test(name))
      if (!names.has(name)) await rm(join(target, name), { force: true })
}
