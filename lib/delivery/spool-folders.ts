/**
 * Which folder a process spools into. Several processes may share one storage path (many pipes on one host): each takes
 * a folder of its own, with a folder in it for each destination, so that nothing is sent to another one. A process
 * that starts later takes over what ended ones left for its destinations, and leaves the rest alone.
 */
import { mkdir, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { writeAtomic } from '../disk/atomic.ts'
import { lockFirst, type FolderLock } from '../disk/folder-lock.ts'
import { namesIn } from '../disk/names-in.ts'
import { applyCursor } from './legacy-cursor.ts'
import { fileName, fileNumber } from './spool-file.ts'

/** A destination as the spool knows it. */
export interface SpoolOwner {
  /** The folder of its files; no two destinations have the same. */
  readonly key: string
  /** The endpoint's name or place in the config; 0.1.0 called the folder so. */
  readonly endpoint: string
  /** For people: a URL without secrets. */
  readonly title: string
}

/** What waits for a destination that this process doesn't have. */
export interface ForeignSpool {
  readonly folder: string
  readonly title: string
  readonly files: number
}

const MOST = 64
const TITLE = 'destination'

/** Hears that an owner takes over what waited for another destination. */
export type Inherited = (title: string, heir: SpoolOwner) => void

/**
 * Locks `folder`, or `folder-2`, `folder-3`, … if other processes have those. `undefined`: all are taken. With
 * `onInherited` the storage is this config's alone: an endpoint whose destination has changed takes over what waited for
 * the one before.
 */
export async function takeSpoolFolder(
  folder: string,
  owners: readonly SpoolOwner[],
  onInherited?: Inherited,
): Promise<FolderLock | undefined> {
  const lock = await lockFirst(names(folder))
  if (lock === undefined) return undefined
  try {
    for (const { key, endpoint } of owners)
      await moveFiles(join(lock.folder, endpoint), join(lock.folder, key))
    await adopt(folder, lock.folder, owners)
    if (onInherited !== undefined) await inherit(folder, lock.folder, owners, onInherited)
    await evict(folder, lock.folder, owners)
    return lock
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** Notes in a destination's folder which one it is. */
export async function labelSpool(folder: string, { title, endpoint }: SpoolOwner): Promise<void> {
  await writeAtomic(join(folder, TITLE), `${title}\n${endpoint}\n`, { sync: false })
}

/** Which destination a folder belongs to; its name where nothing says so (0.1.0 did not). */
export async function titleOf(folder: string): Promise<string> {
  return (await labelOf(folder)).title
}

async function labelOf(folder: string): Promise<{ title: string; endpoint: string | undefined }> {
  const text = await readFile(join(folder, TITLE), 'utf8').catch(() => '')
  const [title = '', endpoint] = text.split('\n')
  return { title: title === '' ? basename(folder) : title, endpoint }
}

/** The folders of destinations under `folder`, `folder-2`, …, of running processes too. */
export async function* destinationFolders(folder: string): AsyncGenerator<string> {
  const there = new Set(await readdir(dirname(folder)).catch(() => []))
  for (const one of names(folder))
    if (there.has(basename(one)))
      for (const entry of await readdir(one, { withFileTypes: true }).catch(() => []))
        if (entry.isDirectory()) yield join(one, entry.name)
}

/** What waits for other destinations than `owners` in folders of processes that have ended. */
export async function foreignSpools(
  folder: string,
  ours: string,
  owners: readonly SpoolOwner[],
): Promise<ForeignSpool[]> {
  const found: ForeignSpool[] = []
  for await (const each of destinationFolders(folder)) {
    if (owners.some(({ key }) => key === basename(each)) || dirname(each) === ours) continue
    const files = await filesIn(each)
    if (files.length > 0) found.push({ folder: each, title: await titleOf(each), files: files.length })
  }
  return found
}

function* names(folder: string): Generator<string> {
  yield folder
  for (let i = 2; i <= MOST; i++) yield `${folder}-${i}`
}

async function adopt(folder: string, ours: string, owners: readonly SpoolOwner[]): Promise<void> {
  const there = new Set(await readdir(dirname(folder)))
  for (const other of names(folder)) {
    if (other === ours || !there.has(basename(other))) continue
    const lock = await lockFirst([other])
    if (lock === undefined) continue
    try {
      for (const { key, endpoint } of owners)
        for (const name of [endpoint, key]) await moveFiles(join(other, name), join(ours, key))
    } finally {
      await lock.release()
    }
    await rmdir(other).catch(() => {})
  }
}

async function inherit(
  folder: string,
  ours: string,
  owners: readonly SpoolOwner[],
  onInherited: Inherited,
): Promise<void> {
  for await (const each of destinationFolders(folder)) {
    const { title, endpoint } = await labelOf(each)
    const heir = owners.find((owner) => owner.endpoint === endpoint)
    if (heir === undefined || owners.some(({ key }) => key === basename(each))) continue
    if ((await filesIn(each)).length === 0) continue
    const lock = dirname(each) === ours ? undefined : await lockFirst([dirname(each)])
    if (lock === undefined && dirname(each) !== ours) continue
    try {
      await moveFiles(each, join(ours, heir.key))
    } finally {
      await lock?.release()
    }
    onInherited(title, heir)
  }
}

// What waits for others goes out of the folder that we keep locked, so that they can have it.
async function evict(folder: string, ours: string, owners: readonly SpoolOwner[]): Promise<void> {
  const foreign: string[] = []
  for (const { name } of await readdir(ours, { withFileTypes: true }))
    if (!owners.some(({ key }) => key === name) && (await filesIn(join(ours, name))).length > 0)
      foreign.push(name)
  if (foreign.length === 0) return
  const lock = await lockFirst([...names(folder)].filter((name) => name !== ours))
  if (lock === undefined) return
  try {
    for (const name of foreign) await moveFiles(join(ours, name), join(lock.folder, name))
  } finally {
    await lock.release()
  }
}

// After those that are there, in their order.
async function moveFiles(from: string, to: string): Promise<void> {
  const files = await filesIn(from)
  if (files.length > 0) {
    await applyCursor(from)
    await mkdir(to, { recursive: true })
    await applyCursor(to)
    let next = Math.max(0, ...(await readdir(to)).map((name) => Number.parseInt(name, 10) || 0))
    for (const name of files) await rename(join(from, name), join(to, fileName(++next)))
    await rename(join(from, TITLE), join(to, TITLE)).catch(() => {})
  }
  const rest = await namesIn(from)
  if (rest.every((name) => name === TITLE)) await rm(from, { recursive: true, force: true }).catch(() => {})
}

async function filesIn(folder: string): Promise<string[]> {
  return (await namesIn(folder)).filter((name) => fileNumber(name) !== undefined).sort()
}
