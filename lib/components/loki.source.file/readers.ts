/** The files that one component reads: a reader for each target, one output, one positions file. */
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { Context } from '../../component/component.ts'
import { codeOf } from '../../disk/atomic.ts'
import { Positions } from '../../disk/positions.ts'
import { messageOf } from '../../errors.ts'
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { encodingNamed } from '../../intake/encoding.ts'
import { Intake } from '../../intake/intake.ts'
import { Claims } from './claims.ts'
import { CompressedReader, type Decompression } from './compressed.ts'
import { FolderWatch } from './folder-watch.ts'
import { sharedBuffer } from './generation.ts'
import { exposeReaders } from './reader-metrics.ts'
import { rotationBase } from './rotation.ts'
import type { ReaderEnv } from './reader-options.ts'
import { Tailer } from './tailer.ts'
import { plural } from '../../formats/plural.ts'

/** Positions of files that are gone and not targets are forgotten after a week: until then a path may come back. */
const FORGET_MS = 7 * 24 * 3600 * 1000

/** More at once take no less time, since the thread pool has no more threads, and memory for what all have begun. */
const OPENED_AT_ONCE = 4

/** What to do with a file whose stored position cannot be read. */
export type OnPositionsError = 'restart_from_beginning' | 'restart_from_end' | 'skip'

export interface ReaderSettings {
  readonly encoding: string
  readonly decompression: Decompression | undefined
  readonly follow: boolean
  readonly fromEnd: boolean
  readonly onPositionsError: OnPositionsError
  readonly legacyPositionsFile: string
  readonly maxLineBytes: number
  readonly minPollMs: number
  readonly maxPollMs: number
}

/** One file and the labels of its lines, without `filename`. */
export interface FileTarget {
  readonly path: string
  readonly labels: LabelSet
}

export type Reader = Tailer | CompressedReader

interface Running {
  readonly reader: Reader
  readonly done: Promise<void>
}

export class FileReaders {
  readonly #ctx: Context
  readonly #intake: Intake
  readonly #metrics: Metrics
  readonly #watch: FolderWatch
  readonly #running = new Map<string, Running>()
  readonly #gaps: { value: number }
  // Files born later are new, so they are read from their start; of the first targets none is. It is compared with
  // what the file system says, thus not the context's clock.
  #bornBefore = Infinity
  #wanted: ReadonlyMap<string, FileTarget> = new Map<string, FileTarget>()
  /** How many targets are names of one rotation; `undefined` until someone asks. */
  #families: Map<string, number> | undefined
  #settings: ReaderSettings
  #env: ReaderEnv | undefined
  #stopped = false
  #alive: NodeJS.Timeout | undefined

  constructor(settings: ReaderSettings, ctx: Context) {
    encodingNamed(settings.encoding)
    this.#settings = settings
    this.#ctx = ctx
    this.#metrics = ctx.metrics.with({})
    this.#intake = new Intake({ ...ctx, metrics: this.#metrics }, settings.maxLineBytes)
    this.#watch = new FolderWatch(ctx.clock, ctx.log)
    this.#gaps = exposeReaders(this.#metrics, () => [...this.#running.values()].map(({ reader }) => reader))
  }

  get output(): Readable {
    return this.#intake.output
  }

  /** What each path is at, for the page. */
  get status(): {
    readonly path: string
    readonly read: number
    readonly size: number
    readonly trouble: string
    /** Whether the trouble keeps it from its work. */
    readonly blocked: boolean
  }[] {
    return [...this.#running.values()].map(({ reader }) => ({
      path: reader.path,
      ...reader.progress,
      trouble: reader.trouble,
      blocked: reader.blocked,
    }))
  }

  /** What is wrong with files, and whether any of it keeps a reader from its work. */
  get troubles(): { readonly messages: string[]; readonly blocked: boolean } {
    const troubled = [...this.#running.values()].filter(({ reader }) => reader.trouble !== '')
    return {
      messages: troubled.map(({ reader }) => reader.trouble),
      blocked: troubled.some(({ reader }) => reader.blocked),
    }
  }

  /** Reads the positions and begins. Rejects with `LogstreamError` IO only if nothing is followed and a file can't be read. */
  async start(targets: readonly FileTarget[]): Promise<void> {
    const { ctx, settings } = { ctx: this.#ctx, settings: this.#settings }
    const positions = await Positions.open({
      folder: ctx.dataDir,
      legacyFile: settings.legacyPositionsFile === '' ? undefined : settings.legacyPositionsFile,
      log: ctx.log,
      clock: ctx.clock,
    })
    this.#env = {
      ctx,
      positions,
      claims: new Claims(positions.entries()),
      intake: this.#intake,
      buffer: sharedBuffer(),
      watch: this.#watch,
      onGap: (path, bytes, why) => this.#onGap(path, bytes, why),
      isShared: (path, key) =>
        ((this.#families ??= familiesOf(this.#wanted)).get(familyOf(path, key)) ?? 0) > 1,
    }
    // Timers of the context's clock do not keep a process alive, but following a file should.
    this.#alive = setInterval(() => {}, 2 ** 30)
    await this.setTargets(targets)
    void this.#prune(positions)
  }

  /** Begins with new targets (resolves when their files are open), ends those that are gone, leaves the others alone. */
  async setTargets(targets: readonly FileTarget[], settings: ReaderSettings = this.#settings): Promise<void> {
    this.#settings = settings
    if (this.#env === undefined || this.#stopped) return
    const wanted = new Map(targets.map((target) => [keyOf(target), target]))
    for (const [key, { reader }] of this.#running) {
      reader.retire(!wanted.has(key))
      if (reader instanceof CompressedReader && !wanted.has(key)) this.#running.delete(key)
    }
    this.#families = undefined
    this.#claimStored([...wanted.values()], this.#env)
    this.#wanted = wanted
    const begun = [...wanted].filter(([key]) => !this.#running.has(key))
    for (let i = 0; i < begun.length; i += OPENED_AT_ONCE) {
      const some = begun.slice(i, i + OPENED_AT_ONCE)
      await Promise.all(some.map(([key, target]) => this.#begin(key, target, this.#env!)))
      // Local files are opened and read without a turn of the event loop, in which what was read goes out.
      await setImmediate()
    }
    if (begun.length > 0 && this.#bornBefore === Infinity) this.#bornBefore = Date.now()
    if (!settings.follow) void this.#endWhenRead()
  }

  /** Stops reading and ends the output. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    clearInterval(this.#alive)
    this.#intake.stop()
    for (const { reader } of this.#running.values()) reader.stop()
    await Promise.all([...this.#running.values()].map(({ done }) => done))
    this.#intake.end()
  }

  /** Waits until what has been acknowledged is on the disk. Positions of lines still in flight follow as those end. */
  async close(): Promise<void> {
    await this.stop()
    const positions = this.#env?.positions
    await positions?.flush()
    if (this.#intake.settled) await positions?.close()
    else void this.#intake.whenSettled().then(() => positions?.close())
    this.#metrics.close()
    this.output.destroy()
  }

  async #begin(key: string, target: FileTarget, env: ReaderEnv): Promise<void> {
    // Others have been wanted since, while files before this one were opened.
    if (!this.#wanted.has(key)) return
    const reader = this.#reader(target, env)
    if (reader === undefined) return
    if (!this.#settings.follow && reader instanceof Tailer) await reader.check()
    if (this.#stopped || this.#running.has(key)) return
    await new Promise<void>((opened) => {
      this.#running.set(key, { reader, done: this.#run(key, reader, env, opened) })
    })
  }

  async #run(key: string, reader: Reader, env: ReaderEnv, opened: () => void): Promise<void> {
    try {
      await reader.run(opened)
    } catch (error) {
      this.output.destroy(error instanceof Error ? error : new Error(messageOf(error)))
    }
    opened()
    if (reader instanceof Tailer && !this.#stopped && this.#settings.follow) void this.#ended(key, env)
  }

  #reader(target: FileTarget, env: ReaderEnv): Reader | undefined {
    const settings = this.#settings
    const { path, labels } = target
    const key = labels.text
    const stored = env.positions.stored(path, key)
    const damaged = stored?.damaged === true || (stored === undefined && env.positions.lost)
    if (damaged && settings.onPositionsError === 'skip' && stored !== undefined) {
      this.#ctx.log.warn(
        `${path} is skipped, its position cannot be read: remove its entry from the positions file`,
      )
      return undefined
    }
    const atEnd = damaged ? settings.onPositionsError === 'restart_from_end' : settings.fromEnd
    const options = {
      path,
      labels: labels.withOnce('filename', path),
      key,
      encoding: encodingNamed(settings.encoding),
      follow: settings.follow,
      fromEndBefore: atEnd ? this.#bornBefore : -Infinity,
      maxLineBytes: settings.maxLineBytes,
      minPollMs: settings.minPollMs,
      maxPollMs: settings.maxPollMs,
    }
    return settings.decompression === undefined
      ? new Tailer(options, env)
      : new CompressedReader(options, settings.decompression, env)
  }

  // A target that went away has been finished. By now it may be back.
  async #ended(key: string, env: ReaderEnv): Promise<void> {
    this.#running.delete(key)
    const target = this.#wanted.get(key)
    if (target !== undefined) await this.#begin(key, target, env)
    else await this.#prune(env.positions)
  }

  async #endWhenRead(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ done }) => done))
    clearInterval(this.#alive)
    this.#intake.end()
  }

  // Before any reader starts, so that none takes a file that another has to finish.
  #claimStored(targets: readonly FileTarget[], env: ReaderEnv): void {
    for (const { path, labels } of targets)
      for (const { inode } of env.positions.stored(path, labels.text)?.generations ?? [])
        if (inode !== '') env.claims.claim(labels.text, inode, path)
  }

  // Forgets the positions of paths that are gone and have no reader.
  async #prune(positions: Positions): Promise<void> {
    for (const { path, labels, generations } of positions.entries()) {
      const key = `${path}\0${labels}`
      if (this.#running.has(key)) continue
      const gone = await stat(path).then(
        () => false,
        (error: unknown) => codeOf(error) === 'ENOENT',
      )
      const old = generations.every(({ since }) => since < Date.now() - FORGET_MS)
      if (gone && old && !this.#running.has(key) && !this.#stopped) positions.delete(path, labels)
    }
  }

  #onGap(path: string, bytes: number, why: string): void {
    this.#gaps.value += bytes
    this.#ctx.ledger.note('skipped', bytes)
    this.#ctx.log.warn(
      `${plural(bytes, 'byte')} of ${path} ${bytes === 1 ? 'was' : 'were'} not read: ${why}; keep rotated files longer`,
      {
        path,
        bytes,
      },
    )
  }
}

/** The labels that a target's lines carry: those not starting with `__`, and not `filename`, which is set anew. */
export function targetLabels(target: Iterable<readonly [string, string]>): LabelSet {
  return labelSet([...target].filter(([name]) => !name.startsWith('__') && name !== 'filename'))
}

function familiesOf(targets: ReadonlyMap<string, FileTarget>): Map<string, number> {
  const families = new Map<string, number>()
  for (const { path, labels } of targets.values()) {
    const family = familyOf(path, labels.text)
    families.set(family, (families.get(family) ?? 0) + 1)
  }
  return families
}

function familyOf(path: string, key: string): string {
  return `${dirname(path)}/${rotationBase(basename(path))} ${key}`
}

function keyOf({ path, labels }: FileTarget): string {
  return `${path}\0${labels.text}`
}
