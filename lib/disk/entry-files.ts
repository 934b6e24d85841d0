/**
 * Which file of entries a process writes, and what all of them hold. Processes that share a folder each have a file of
 * their own (`positions.json`, `positions-2.json`, …), held by a lock. They read all of them when they start, and the
 * latest change of an entry counts.
 */
import { rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { LogstreamError, messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import { isTemporaryOf, readIfExists } from './atomic.ts'
import { diskFailure, isPassing, isShortage } from './disk-failure.ts'
import { namesIn } from './names-in.ts'
import { lockHolder, tryLock, type HeldLock } from './lock-file.ts'

/** How many processes may share a folder. */
const MAX_FILES = 64

/** An entry as it was read. */
export interface StoredEntry<V> {
  readonly key: string
  readonly value: V
  /** When it changed, in milliseconds of Unix time; 0 in files from before this was kept. */
  readonly changed: number
}

/** What a file of entries is called and looks like. */
export interface EntryFormat<V> {
  /** The file's name without `.json`. */
  readonly name: string
  /** For the log: what it means that the file can't be saved. */
  readonly unsaved: string
  /** The text of the file around those of its entries. */
  readonly text: (entries: readonly string[]) => string
  readonly entry: (value: V, changed: number) => string
  /** Throws `NewerVersion`, or an Error that says what is wrong with the file as a whole. */
  readonly parse: (bytes: Buffer) => StoredEntry<V>[]
}

/** A newer logstream has written the file, so it must not be put aside as if it were damaged. */
export class NewerVersion extends Error {}

/** What a process starts with. */
export interface OwnFile<V> {
  readonly file: string
  /** `undefined` where the folder can't be written; saving will say so. */
  readonly lock: HeldLock | undefined
  readonly entries: readonly StoredEntry<V>[]
  /** `damaged`: there was something, and nothing of it could be read. */
  readonly found: 'entries' | 'nothing' | 'damaged'
}

interface Content<V> {
  readonly entries: readonly StoredEntry<V>[]
  readonly found: 'entries' | 'nothing' | 'damaged'
}

/**
 * Takes a file and reads all there are. A damaged one of its own is put aside with a warning. Rejects with
 * `LogstreamError` IO for a file of a newer version.
 */
export async function takeOwnFile<V>(
  folder: string,
  format: EntryFormat<V>,
  log: Logger,
): Promise<OwnFile<V>> {
  const { file, lock } = await takeFile(folder, format.name, log)
  try {
    if (lock !== undefined) await removeTemporaries(folder, file)
    const contents: Content<V>[] = []
    // Entries only ever move to a file of lower number (see `adoptOthers`), so this order misses none.
    for (const each of await filesIn(folder, format.name))
      contents.push(await read(each, format, log, each === file))
    const kinds = new Set(contents.map(({ found }) => found))
    const found = kinds.has('entries') ? 'entries' : kinds.has('damaged') ? 'damaged' : 'nothing'
    return { file, lock, entries: latest(contents.flatMap(({ entries }) => entries)), found }
  } catch (error) {
    await lock?.release()
    throw error
  }
}

/**
 * Removes the files of processes that have ended, once `save` has brought what they hold to the disk in `file`. Only
 * those of higher numbers: see above.
 */
export async function adoptOthers(
  file: string,
  folder: string,
  name: string,
  save: () => Promise<boolean>,
): Promise<void> {
  for (const other of await filesIn(folder, name)) {
    if (other === file) return
    const lock = await tryLock(lockOf(other)).catch(() => undefined)
    if (lock === undefined) continue
    try {
      if (await save()) for (const each of [other, backupOf(other)]) await rm(each, { force: true })
    } finally {
      await lock.release()
    }
  }
}

/** Forced to the disk; read where the file itself can't be. */
export function backupOf(file: string): string {
  return file.replace(/\.json$/, '.backup.json')
}

async function takeFile(
  folder: string,
  name: string,
  log: Logger,
): Promise<{ file: string; lock: HeldLock | undefined }> {
  const first = fileOf(folder, name, 1)
  for (let number = 1; number <= MAX_FILES; number++) {
    const file = fileOf(folder, name, number)
    const lock = await tryLock(lockOf(file)).catch((error: unknown) => {
      if (isShortage(error))
        throw new LogstreamError('IO', `${lockOf(file)} can't be written: ${diskFailure(error)}`, {
          cause: error,
        })
      return 'unwritable' as const
    })
    if (lock === 'unwritable') return { file, lock: undefined }
    if (lock === undefined) continue
    if (number > 1)
      log.warn(
        `${name} are kept in ${file}, since another process (id ${await lockHolder(lockOf(first))}) has ${first}: ` +
          'give each process a storage path of its own',
      )
    return { file, lock }
  }
  throw new LogstreamError(
    'IO',
    `${MAX_FILES} other processes use ${folder}: give each a storage path of its own`,
  )
}

async function readableNames(folder: string): Promise<string[]> {
  return await namesIn(folder).catch((error: unknown) => {
    throw new LogstreamError('IO', `${folder} can't be read: ${diskFailure(error)}`, { cause: error })
  })
}

// Highest number first.
async function filesIn(folder: string, name: string): Promise<string[]> {
  const names = new Set(await readableNames(folder))
  const there = (file: string): boolean => names.has(file) || names.has(backupOf(file))
  return Array.from({ length: MAX_FILES }, (_, i) => MAX_FILES - i)
    .filter((number) => there(fileOf('', name, number)))
    .map((number) => fileOf(folder, name, number))
}

// Of processes that were killed.
async function removeTemporaries(folder: string, file: string): Promise<void> {
  const own = [file, backupOf(file)].map((each) => basename(each))
  for (const name of await readableNames(folder))
    if (own.some((each) => isTemporaryOf(name, each))) await rm(join(folder, name), { force: true })
}

async function read<V>(file: string, format: EntryFormat<V>, log: Logger, own: boolean): Promise<Content<V>> {
  let damaged = false
  for (const candidate of [file, backupOf(file)]) {
    try {
      const bytes = await readIfExists(candidate)
      if (bytes !== undefined) return { entries: format.parse(bytes), found: 'entries' }
    } catch (error) {
      if (error instanceof NewerVersion)
        throw new LogstreamError(
          'IO',
          `${candidate}: ${error.message}; run the version that has written it, or move the file away`,
        )
      if (isPassing(error))
        throw new LogstreamError('IO', `${candidate} can't be read: ${diskFailure(error)}`, { cause: error })
      damaged = true
      if (own) await putAside(candidate, messageOf(error), log)
    }
  }
  return { entries: [], found: damaged && own ? 'damaged' : 'nothing' }
}

function latest<V>(entries: readonly StoredEntry<V>[]): StoredEntry<V>[] {
  const byKey = new Map<string, StoredEntry<V>>()
  for (const entry of entries) {
    const known = byKey.get(entry.key)
    if (known === undefined || entry.changed >= known.changed) byKey.set(entry.key, entry)
  }
  return [...byKey.values()]
}

function fileOf(folder: string, name: string, number: number): string {
  return join(folder, number === 1 ? `${name}.json` : `${name}-${number}.json`)
}

function lockOf(file: string): string {
  return file.replace(/\.json$/, '.lock')
}

async function putAside(file: string, why: string, log: Logger): Promise<void> {
  const aside = `${file}.damaged-${new Date().toISOString().replaceAll(':', '')}`
  const moved = await rename(file, aside).then(
    () => `it was put aside as ${aside}`,
    (error: unknown) => `it could not be put aside (${messageOf(error)})`,
  )
  log.warn(`${file} cannot be used: ${why}; ${moved}`)
}
