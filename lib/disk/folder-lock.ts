/**
 * One process per folder. A lock file names its holder by process id and start time, so that the lock of a process
 * that was killed is free at once, even when its id has been given to another.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** A held folder. */
export interface FolderLock {
  readonly folder: string
  release(): Promise<void>
}

const FILE = 'lock'

// Components of one process are rebuilt side by side (a reload): the new one waits for the old.
const heldHere = new Map<string, Promise<void>>()

/**
 * Takes the first of `folders` that no other process holds, making it if need be; `undefined` when all are taken.
 * A folder that this very process holds is waited for.
 */
export async function lockFirst(folders: Iterable<string>): Promise<FolderLock | undefined> {
  for (const folder of folders) {
    for (let held = heldHere.get(folder); held !== undefined; held = heldHere.get(folder)) await held
    let free = (): void => {}
    heldHere.set(folder, new Promise((resolve) => (free = resolve)))
    const release = async (): Promise<void> => {
      await rm(join(folder, FILE), { force: true })
      heldHere.delete(folder)
      free()
    }
    let taken = false
    try {
      taken = await take(folder)
    } finally {
      if (!taken) {
        heldHere.delete(folder)
        free()
      }
    }
    if (taken) return { folder, release }
  }
  return undefined
}

async function take(folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, FILE)
  const me = await identity(process.pid)
  for (let tries = 0; tries < 5; tries++) {
    if (await create(file, me)) return true
    const holder = await readFile(file, 'utf8').catch(() => undefined)
    if (holder === undefined) continue
    if (await alive(holder)) return false
    // Of several processes that find a dead holder only one can move its file away.
    const stale = `${file}.${process.pid}`
    await rename(file, stale).then(
      () => rm(stale, { force: true }),
      () => {},
    )
  }
  return false
}

async function create(file: string, holder: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600)
    await handle.writeFile(holder)
    await handle.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function alive(holder: string): Promise<boolean> {
  const pid = Number.parseInt(holder, 10)
  // An empty file: its maker was killed between making and writing it.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return (await identity(pid)) === holder
}

// "pid start": the start time is field 22 of /proc/PID/stat; elsewhere than on Linux the id alone must do.
async function identity(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return start === undefined ? String(pid) : `${pid} ${start}`
}
