/**
 * The positions file: up to where each file has been acknowledged. One entry per path and label set, each a list of
 * generations (contents that stood under the path one after the other), so that a file that was rotated away
 * with unsent lines is found again after a crash. See docs/files.md for the format.
 */
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../flow/clock.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import { codeOf, readIfExists, writeAtomic } from './atomic.ts'
import { importLegacy } from './legacy-positions.ts'
import {
  formatPositions,
  parsePositions,
  type FilePosition,
  type GenerationPosition,
} from './positions-format.ts'

/** Between two saves pass at least this many times the CPU time of the last one's text, so that many files cost little. */
const REST = 10
const MIN_REST_MS = 5
const MAX_REST_MS = 1000
/**
 * Forcing a file to the disk can take longer than the lines of a second, so not every save waits for it: only a
 * power failure, not the end of the process, can harm such a file, and there is a forced one beside it.
 */
const BACKUP_MS = 1000

export interface PositionsOptions {
  /** The folder of `positions.json`; `undefined` keeps positions in memory only. */
  readonly folder: string | undefined
  /** A positions file of Promtail or Alloy, read when `positions.json` does not exist. */
  readonly legacyFile?: string
  readonly log: Logger
  readonly clock: Clock
}

interface Kept {
  readonly path: string
  readonly labels: string
  /** Gives the generations as they are now; a stored entry that nobody has taken up gives what was read. */
  read: () => readonly GenerationPosition[]
  /** Its text in the file, made anew after a change. */
  text: string | undefined
  damaged: boolean
}

export class Positions {
  /** Whether the file could not be read at all, so that every position is unknown. */
  readonly lost: boolean
  readonly #file: string | undefined
  readonly #log: Logger
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()
  #changes = 0
  #saved = 0
  #busy = false
  #queue: Promise<number> = Promise.resolve(0)
  #failed = ''
  #backedUp = -Infinity
  #backup: Promise<void> = Promise.resolve()

  private constructor(options: PositionsOptions, entries: readonly FilePosition[], lost: boolean) {
    this.#file = options.folder === undefined ? undefined : join(options.folder, 'positions.json')
    this.#log = options.log
    this.#clock = options.clock
    this.lost = lost
    for (const { path, labels, generations, damaged } of entries)
      this.#kept.set(keyOf(path, labels), { path, labels, read: () => generations, text: undefined, damaged })
  }

  /** Reads the file. Never rejects: a damaged file is put aside with a warning and the start goes on without. */
  static async open(options: PositionsOptions): Promise<Positions> {
    if (options.folder === undefined) return new Positions(options, [], false)
    const file = join(options.folder, 'positions.json')
    let damaged = false
    for (const candidate of [file, backupOf(file)]) {
      try {
        const bytes = await readIfExists(candidate)
        if (bytes !== undefined) return new Positions(options, parsePositions(bytes), false)
      } catch (error) {
        damaged = true
        await putAside(candidate, messageOf(error), options.log)
      }
    }
    if (damaged) return new Positions(options, [], true)
    return new Positions(options, await importLegacy(options.folder, options.legacyFile, options.log), false)
  }

  /** What was stored for a path and its label text, if anything. */
  stored(path: string, labels: string): FilePosition | undefined {
    const kept = this.#kept.get(keyOf(path, labels))
    if (kept === undefined) return undefined
    return { path, labels, generations: kept.read(), damaged: kept.damaged }
  }

  /** All entries, for pruning what is gone. */
  entries(): FilePosition[] {
    return [...this.#kept.values()].map(({ path, labels, read, damaged }) => ({
      path,
      labels,
      generations: read(),
      damaged,
    }))
  }

  /** Takes an entry up: from now on a save asks `read` for it. Call `changed` when it gives something else. */
  attach(path: string, labels: string, read: () => readonly GenerationPosition[]): void {
    this.#kept.set(keyOf(path, labels), { path, labels, read, text: undefined, damaged: false })
  }

  delete(path: string, labels: string): void {
    if (this.#kept.delete(keyOf(path, labels))) this.#save()
  }

  /** An entry gives something else than before: it is saved at once, or right after the save that is under way. */
  changed(path: string, labels: string): void {
    const kept = this.#kept.get(keyOf(path, labels))
    if (kept !== undefined) kept.text = undefined
    this.#save()
  }

  /** Resolves when everything up to now is on the disk, or could not be written (which has been logged). */
  async flush(): Promise<void> {
    await this.#queue
    this.#backedUp = -Infinity
    if (this.#saved < this.#changes && this.#file !== undefined) await this.#write(this.#file)
    await this.#backup
  }

  #save(): void {
    this.#changes++
    if (this.#file === undefined || this.#busy) return
    this.#busy = true
    void this.#saveAndRest(this.#file)
  }

  async #saveAndRest(file: string): Promise<void> {
    while (this.#saved < this.#changes) {
      const ms = await this.#write(file)
      if (this.#saved < this.#changes) await new Promise<void>((resolve) => this.#clock.after(ms, resolve))
    }
    this.#busy = false
  }

  #write(file: string): Promise<number> {
    const written = this.#queue.then(() => this.#writeNow(file))
    this.#queue = written
    return written
  }

  // Gives the milliseconds to wait before the next one.
  async #writeNow(file: string): Promise<number> {
    const started = performance.now()
    const upTo = this.#changes
    try {
      const text = formatPositions(this.#texts())
      const rest = (performance.now() - started) * REST
      await writeAtomic(file, text, { sync: false })
      if (started - this.#backedUp >= BACKUP_MS) {
        this.#backedUp = started
        this.#backup = writeAtomic(backupOf(file), text).catch(() => {})
      }
      this.#failed = ''
      this.#saved = upTo
      return Math.min(MAX_REST_MS, Math.max(MIN_REST_MS, rest))
    } catch (error) {
      this.#complain(file, error)
      return MAX_REST_MS
    }
  }

  #texts(): string[] {
    const texts: string[] = []
    for (const kept of this.#kept.values()) {
      // A damaged entry stays one.
      const generations = kept.damaged ? null : kept.read()
      kept.text ??= JSON.stringify({ path: kept.path, labels: kept.labels, generations })
      texts.push(kept.text)
    }
    return texts
  }

  #complain(file: string, error: unknown): void {
    const kind = codeOf(error) || messageOf(error)
    if (kind === this.#failed) return
    this.#failed = kind
    this.#log.error(
      `positions cannot be saved: ${messageOf(error)}; after a restart lines since the last save are sent again: make room for ${file} or make its folder writable`,
    )
  }
}

/** Forced to the disk every second; read when the other one cannot be. */
function backupOf(file: string): string {
  return file.replace(/\.json$/, '.backup.json')
}

function keyOf(path: string, labels: string): string {
  return `${path}\0${labels}`
}

async function putAside(file: string, why: string, log: Logger): Promise<void> {
  const aside = `${file}.damaged-${new Date().toISOString().replaceAll(':', '')}`
  const moved = await rename(file, aside).then(
    () => `it was put aside as ${aside}`,
    (error: unknown) => `it could not be put aside (${messageOf(error)})`,
  )
  log.warn(
    `positions file ${file} cannot be used: ${why}; ${moved}, and the backup is used; without one, files are read as on_positions_file_error says`,
  )
}
