/**
 * A file that one process holds. It names its holder by process id and start time, so that the lock of a process that
 * was killed is free at once, even when its id now belongs to another.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from './atomic.ts'

/** A lock that is held until `release`. */
export interface HeldLock {
  release(): Promise<void>
}

/** States of Linux in which a process has ended and only its parent hasn't noticed: zombie and dead. */
const ENDED = ['Z', 'X', 'x']

const MAX_TRIES = 5

let serial = 0

/**
 * Takes the lock `file`, making its folder if need be. `undefined` when another process holds it, or this one does.
 * Rejects with the system's error where the file can't be written.
 */
export async function tryLock(file: string): Promise<HeldLock | undefined> {
  await mkdir(dirname(file), { recursive: true })
  const me = (await ownerOf(process.pid))!
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (await create(file, me)) return heldLock(file)
    const holder = await readFile(file, 'utf8').catch(() => undefined)
    if (holder === undefined) continue
    if (await isAlive(holder)) return undefined
    if ((await removeDead(file, holder)) && (await create(file, me))) return heldLock(file)
  }
  return undefined
}

/** Takes the lock `file` in a folder that no other process knows yet. Throws the system's error. */
export function lockNew(file: string): HeldLock {
  let stat = ''
  try {
    stat = readFileSync(`/proc/${process.pid}/stat`, 'utf8')
  } catch {
    // Elsewhere than on Linux.
  }
  writeFileSync(file, ownerIn(stat, process.pid)!, { flag: 'wx', mode: 0o600 })
  return heldLock(file)
}

function heldLock(file: string): HeldLock {
  // What can't be removed is free when this process has ended.
  return { release: () => rm(file, { force: true }).catch(() => {}) }
}

/** The process id in a lock file, if it can be read. */
export async function lockHolder(file: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10)
  return Number.isSafeInteger(pid) ? pid : undefined
}

// Written first and then linked, so that no process reads a lock without its holder.
async function create(file: string, holder: string): Promise<boolean> {
  const temporary = `${file}.${process.pid}.${++serial}.tmp`
  try {
    // A process of the same id may have been killed here, as they have in containers.
    await writeFile(temporary, holder, { mode: 0o600 })
    await link(temporary, file)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    // Some file systems don't have links.
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error)))
      return await createPlain(file, holder)
    throw error
  } finally {
    // What is left is in nobody's way, and the lock may be held already.
    await rm(temporary, { force: true }).catch(() => {})
  }
}

async function createPlain(file: string, holder: string): Promise<boolean> {
  try {
    await writeFile(file, holder, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

// Several processes may find the same dead holder, and one of them a lock that is newer: only one at a time looks and removes.
async function removeDead(file: string, holder: string): Promise<boolean> {
  const guard = await tryLock(`${file}.guard`)
  if (guard === undefined) return false
  try {
    if ((await readFile(file, 'utf8').catch(() => undefined)) !== holder) return false
    await rm(file, { force: true })
    return true
  } finally {
    await guard.release()
  }
}

async function isAlive(holder: string): Promise<boolean> {
  const pid = Number.parseInt(holder, 10)
  // An empty file: its maker was killed between making and writing it.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  const owner = await ownerOf(pid)
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
  }
  // One of the two doesn't know the time: /proc couldn't be read.
  return owner === holder || owner === String(pid) || holder === String(pid)
}

// "pid start"; `undefined` for a process that has ended. In /proc/PID/stat the state is field 3 and the start time
// field 22, counted from after the name. Elsewhere than on Linux the id alone must do.
async function ownerOf(pid: number): Promise<string | undefined> {
  return ownerIn(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''), pid)
}

function ownerIn(stat: string, pid: number): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (ENDED.includes(fields[0]!)) return undefined
  return fields[19] === undefined ? String(pid) : `${pid} ${fields[19]}`
}
