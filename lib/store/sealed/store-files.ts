/**
 * The files of an open store: the current manifest, changed one step at a time, and readers that hold on to the files they
 * read. A file that the manifest has dropped is deleted when its last reader has ended.
 */
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, isTemporaryOf } from '../../disk/atomic.ts'
import { diskFailure } from '../../disk/disk-failure.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import type { Logger } from '../../telemetry/log.ts'
import { DELETES } from '../deletion/request-list.ts'
import {
  FIRST_HOT,
  firstManifest,
  MANIFEST,
  readManifest,
  writeManifest,
  type HotFile,
  type Manifest,
  type Part,
} from './manifest.ts'
import { plural } from '../../formats/plural.ts'

/** The folder of the sealed files, one folder a day below it. */
export const PARQUET = 'parquet'

/** What a reader reads; the files stay until `release` is called. */
export interface Pinned {
  readonly manifest: Manifest
  release(): void
}

/** Brings sealed files to the disk; a query reads them until it calls what `hold` resolves with. */
export interface Fetching {
  hold(parts: readonly Part[], signal: AbortSignal | undefined): Promise<() => void>
  /** Removes files from the disk that can come back. */
  evict(ahead: number): Promise<void>
}

/** Called with what may be deleted. */
export interface Disposal {
  hot(file: HotFile): Promise<void>
}

interface Version {
  readonly manifest: Manifest
  readers: number
}

/** Whether a folder holds a store, even one without its manifest. */
export async function holdsStore(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => [])
  return [MANIFEST, FIRST_HOT, PARQUET].some((name) => names.includes(name))
}

export class StoreFiles {
  readonly folder: string
  /** Whether nothing was ever sealed: a new store, or one of 0.1.0. */
  readonly isFirst: boolean
  readonly #log: Logger
  #current: Version
  /** Versions with readers, the current one last. */
  #versions: Version[]
  #dropped = new Set<HotFile | Part | string>()
  #changing: Promise<unknown> = Promise.resolve()
  #disposing: Promise<unknown> = Promise.resolve()
  #disposal: Disposal | undefined
  #fetching: Fetching | undefined
  /** Numbers of the sealed files that are in the bucket and not on the disk. */
  readonly #absent = new Set<number>()
  /** Those that were damaged on the disk, and come from the bucket once more. */
  readonly #replaced = new Set<number>()
  #nextFile: number

  private constructor(folder: string, manifest: Manifest, isFirst: boolean, log: Logger) {
    this.folder = folder
    this.isFirst = isFirst
    this.#log = log
    this.#current = { manifest, readers: 0 }
    this.#versions = [this.#current]
    this.#nextFile = manifest.nextFile
  }

  /**
   * Reads the manifest of a locked folder and deletes what an interrupted step has left. Without one it's that of a new
   * store, which is written with the first change. Throws IO when it's damaged, or missing although there are sealed files.
   */
  static async open(folder: string, now: number, log: Logger): Promise<StoreFiles> {
    const known = await readManifest(folder)
    const sealed = await sealedFiles(folder)
    if (known === undefined && sealed.length > 0)
      throw new LogstreamError(
        'IO',
        `the store's list of files "${join(folder, MANIFEST)}" is missing, but ${join(folder, PARQUET)} holds files: put a copy of it back, or move that folder away to begin without its entries`,
        { option: 'path' },
      )
    if (known !== undefined) await removeLeftovers(folder, known, sealed)
    const files = new StoreFiles(
      folder,
      { ...(known ?? firstManifest(now)), obsolete: [] },
      known === undefined,
      log,
    )
    await files.#setAsideMissing()
    return files
  }

  get manifest(): Manifest {
    return this.#current.manifest
  }

  /** The file that takes what comes in. */
  get hot(): HotFile {
    return this.manifest.hot.at(-1)!
  }

  /** A number that no file has had. */
  nextNumber(): number {
    return this.#nextFile++
  }

  /** Says how databases are let go of; before that nothing is deleted. */
  disposeWith(disposal: Disposal): void {
    this.#disposal = disposal
  }

  /** Says how sealed files come from the bucket. */
  fetchWith(fetching: Fetching): void {
    this.#fetching = fetching
  }

  get hasBucket(): boolean {
    return this.#fetching !== undefined
  }

  /** Whether a sealed file is in the bucket and not on the disk. */
  isAbsent({ number }: Pick<Part, 'number'>): boolean {
    return this.#absent.has(number)
  }

  /** Says whether a sealed file is on the disk. */
  setAbsent({ number }: Pick<Part, 'number'>, isAbsent: boolean): void {
    if (isAbsent) this.#absent.add(number)
    else this.#absent.delete(number)
  }

  /**
   * Keeps pinned sealed files on the disk until `release` is called, and brings there those that are only in the bucket.
   * Rejects when one can't be had: an answer without its entries would be wrong.
   */
  async hold(parts: readonly Part[], signal?: AbortSignal): Promise<{ release(): void }> {
    if (this.#fetching !== undefined) return { release: await this.#fetching.hold(parts, signal) }
    const absent = parts.filter((part) => this.isAbsent(part))
    if (absent.length > 0)
      throw new LogstreamError(
        'IO',
        `${absent[0]!.file}${absent.length > 1 ? ` and ${plural(absent.length - 1, 'other')}` : ''} of "${this.folder}" are only in the bucket: open the store with its object_storage`,
        { option: 'path' },
      )
    return { release: () => {} }
  }

  /** Makes room on the disk for so many bytes, as far as the bucket has what is there. */
  async makeRoom(bytes: number): Promise<void> {
    await this.#fetching?.evict(bytes)
  }

  /** Runs something while pinned sealed files are on the disk. */
  async holding<T>(
    parts: readonly Part[],
    signal: AbortSignal | undefined,
    run: () => Promise<T>,
  ): Promise<T> {
    const held = await this.hold(parts, signal)
    try {
      return await run()
    } finally {
      held.release()
    }
  }

  /**
   * Runs something with pinned sealed files; where the bucket can't be read within `ms`, with those on the disk, which is
   * logged.
   */
  async holdingWithin(
    parts: readonly Part[],
    ms: number,
    run: (parts: readonly Part[]) => Promise<void>,
  ): Promise<void> {
    let here = parts
    const held = await this.hold(parts, AbortSignal.timeout(ms)).catch((error: unknown) => {
      here = parts.filter((part) => !this.isAbsent(part))
      this.#log.warn('late entries are not compared with files in the bucket, and may be stored twice', {
        files: parts.length - here.length,
        error: messageOf(error),
      })
      return this.hold(here)
    })
    try {
      await run(here)
    } finally {
      held.release()
    }
  }

  /** Holds the files of now, or of a manifest that is pinned already. */
  pin(manifest?: Manifest): Pinned {
    const version = this.#versions.find((each) => each.manifest === manifest) ?? this.#current
    version.readers++
    let held = true
    return {
      manifest: version.manifest,
      release: () => {
        if (!held) return
        held = false
        version.readers--
        this.#dispose()
      },
    }
  }

  /**
   * Replaces the manifest by what `edit` makes of it (`undefined`: leaves it), after earlier changes. Resolves when the
   * new one is on disk; rejects, and changes nothing, when it can't be written.
   */
  async change(edit: (manifest: Manifest) => Manifest | undefined): Promise<void> {
    const changed = this.#changing.then(async () => {
      const before = this.manifest
      const edited = edit(before)
      if (edited === undefined) return
      const drops = (file: string): boolean =>
        before.hot.some((each) => each.file === file) && !edited.hot.some((each) => each.file === file)
      const obsolete = drops(FIRST_HOT) ? [FIRST_HOT] : edited.obsolete
      const after = { ...edited, obsolete, nextFile: this.#nextFile }
      await writeManifest(this.folder, after)
      for (const file of before.hot) if (!after.hot.includes(file)) this.#dropped.add(file)
      for (const part of before.parts) if (!after.parts.includes(part)) this.#dropped.add(part)
      if (before.streams !== after.streams && before.streams !== '') this.#dropped.add(before.streams)
      this.#current = { manifest: after, readers: 0 }
      this.#versions.push(this.#current)
      this.#dispose()
    })
    this.#changing = changed.catch(() => undefined)
    await changed
  }

  /** Lets go of a database that isn't, or is no longer, part of the store, and deletes it. */
  async removeHot(hot: HotFile): Promise<void> {
    await this.#disposal!.hot(hot)
    for (const end of ['', '.wal']) await rm(join(this.folder, hot.file + end), { force: true })
  }

  /** Resolves when every file that nothing reads has been deleted. */
  async settled(): Promise<void> {
    await this.#changing
    await this.#disposing
  }

  /**
   * Takes a damaged file out of the store; it stays on disk under another name. One that the bucket has is read from there
   * once.
   */
  async setAside(part: Part, reason: string): Promise<void> {
    const path = join(this.folder, part.file)
    const isStored = this.manifest.bucket?.stored[part.number] !== undefined
    const isReplaced = isStored && !this.#replaced.has(part.number)
    const what = isReplaced ? 'the bucket has it' : 'its entries are missing'
    this.#log.error(`a sealed file is damaged: it was set aside, and ${what}`, {
      file: `${path}.damaged`,
      entries: part.rows,
      error: reason,
    })
    if (isReplaced) {
      this.#replaced.add(part.number)
      this.#absent.add(part.number)
    }
    await rename(path, `${path}.damaged`).catch((error: unknown) => {
      // Left under its name and out of the manifest, it would be deleted at the next opening.
      if (codeOf(error) !== 'ENOENT') throw untouchable(path, error)
    })
    if (isReplaced) return
    await this.change((manifest) => ({
      ...manifest,
      parts: manifest.parts.filter(({ number }) => number !== part.number),
    }))
  }

  async #setAsideMissing(): Promise<void> {
    for (const part of this.manifest.parts) {
      const path = join(this.folder, part.file)
      const size = await stat(path).then(
        (found) => found.size,
        (error: unknown) => {
          if (codeOf(error) === 'ENOENT') return undefined
          throw untouchable(path, error)
        },
      )
      if (size === part.bytes) continue
      if (size === undefined && this.manifest.bucket?.stored[part.number] !== undefined)
        this.#absent.add(part.number)
      else
        await this.setAside(
          part,
          size === undefined ? 'it is missing' : `${plural(size, 'byte')}, expected ${part.bytes}`,
        )
    }
  }

  #dispose(): void {
    this.#versions = this.#versions.filter((each) => each.readers > 0 || each === this.#current)
    if (this.#disposal === undefined) return
    const held = new Set(
      this.#versions.flatMap(({ manifest }) => [...manifest.hot, ...manifest.parts, manifest.streams]),
    )
    for (const file of this.#dropped) {
      if (held.has(file)) continue
      this.#dropped.delete(file)
      this.#disposing = this.#disposing.then(() => this.#delete(file)).catch(() => undefined)
    }
  }

  async #delete(file: HotFile | Part | string): Promise<void> {
    if (typeof file === 'string') return await rm(join(this.folder, file), { force: true })
    if ('since' in file) {
      await this.removeHot(file)
      if (file.file === FIRST_HOT) await this.change((manifest) => ({ ...manifest, obsolete: [] }))
    } else {
      await removePart(this.folder, file)
      this.#absent.delete(file.number)
    }
  }
}

/** Deletes a sealed file that isn't part of the store. */
export async function removePart(folder: string, part: Pick<Part, 'file'>): Promise<void> {
  for (const name of [part.file, indexFile(part)]) await rm(join(folder, name), { force: true })
}

function untouchable(path: string, cause: unknown): LogstreamError {
  return new LogstreamError(
    'IO',
    `the store's file "${path}" can't be looked at or set aside: ${diskFailure(cause)}`,
    { cause, option: 'path' },
  )
}

/** The index beside a sealed file. */
export function indexFile({ file }: Pick<Part, 'file'>): string {
  return file.replace(/\.parquet$/, '.idx')
}

/** Every file in the folders of the days, but those set aside. */
async function sealedFiles(folder: string): Promise<string[]> {
  const root = join(folder, PARQUET)
  const days = await readdir(root).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  const found: string[] = []
  for (const day of days)
    for (const name of await readdir(join(root, day)))
      if (/^\d{6,}\.(?:parquet|idx)$|\.tmp$/.test(name)) found.push(`${PARQUET}/${day}/${name}`)
  return found
}

// What a crash between two steps has left; the manifest says what counts.
async function removeLeftovers(
  folder: string,
  { hot, parts, streams, obsolete }: Manifest,
  sealed: readonly string[],
): Promise<void> {
  const known = new Set([streams, ...parts.flatMap((part) => [part.file, indexFile(part)])])
  for (const { file } of hot) for (const end of ['', '.wal']) known.add(file + end)
  const names = (await readdir(folder)).filter(
    (name) =>
      /^store-\d+\.duckdb(?:\.wal)?$/.test(name) ||
      /^streams-\d+\.jsonl$/.test(name) ||
      /^streams-\d+\.jsonl\..*\.tmp$/.test(name) ||
      [MANIFEST, DELETES].some((file) => isTemporaryOf(name, file)) ||
      obsolete.some((file) => name === file || name === `${file}.wal`),
  )
  for (const name of [...names, ...sealed])
    if (!known.has(name)) await rm(join(folder, name), { force: true })
}
