/**
 * Which folder a process spools into. Several processes may share one storage path (many pipes on one host): each
 * takes a folder of its own, and whoever starts later brings home what the others have left behind.
 */
import { mkdir, readdir, rename, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { lockFirst, type FolderLock } from '../disk/folder-lock.ts'

const MOST = 64
const SEGMENT = /^(\d{10})\.spool$/

/** Locks `folder`, or `folder-2`, `folder-3`, … when other processes have those. `undefined`: all are taken. */
export async function takeSpoolFolder(folder: string): Promise<FolderLock | undefined> {
  const lock = await lockFirst(names(folder))
  if (lock !== undefined) await adopt(folder, lock.folder)
  return lock
}

function* names(folder: string): Generator<string> {
  yield folder
  for (let i = 2; i <= MOST; i++) yield `${folder}-${i}`
}

// Moves the files of folders whose process has gone, in their order, behind our own.
async function adopt(folder: string, ours: string): Promise<void> {
  const there = new Set(await readdir(dirname(folder)))
  for (const other of names(folder)) {
    if (other === ours || !there.has(basename(other))) continue
    const lock = await lockFirst([other])
    if (lock === undefined) continue
    for (const entry of await readdir(other, { withFileTypes: true }))
      if (entry.isDirectory()) await moveSegments(join(other, entry.name), join(ours, entry.name))
    await lock.release()
    await rmdir(other).catch(() => {})
  }
}

async function moveSegments(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  const taken = (await readdir(to)).map((name) => Number.parseInt(name, 10) || 0)
  let next = Math.max(0, ...taken)
  for (const name of (await readdir(from)).sort())
    if (SEGMENT.test(name))
      await rename(join(from, name), join(to, `${String(++next).padStart(10, '0')}.spool`))
  await rmdir(from).catch(() => {})
}
