/**
 * The positions file: up to where each file has been acknowledged. One entry per path and label set, each a list of
 * generations (the contents that the path has had, one after the other), so that a file that was rotated away with
 * unsent lines is found again after a crash. See docs/files.md for the format.
 */
import { EntryFile, entryKind, type EntryFileOptions } from './entry-file.ts'
import { importLegacy } from './legacy-positions.ts'
import { keyOf, positionsFormat, type FilePosition, type GenerationPosition } from './positions-format.ts'

const POSITIONS = entryKind(positionsFormat)

export interface PositionsOptions extends EntryFileOptions {
  /** A positions file of Promtail or Alloy, read if `positions.json` doesn't exist. */
  readonly legacyFile?: string
}

export class Positions {
  /** Whether there were positions and none could be read, so that all are unknown. */
  readonly lost: boolean
  readonly #file: EntryFile<FilePosition>
  #closed = false

  private constructor(file: EntryFile<FilePosition>) {
    this.#file = file
    this.lost = file.found === 'damaged'
  }

  /** Reads the file. A damaged one is put aside with a warning. Rejects with `LogstreamError` IO for a newer version's. */
  static async open(options: PositionsOptions): Promise<Positions> {
    const file = await EntryFile.open(POSITIONS, options)
    if (file.found === 'nothing' && options.folder !== undefined) {
      const legacy = await importLegacy(options.folder, options.legacyFile, options.log)
      file.take(legacy.map((value) => ({ key: keyOf(value), value, changed: 0 })))
    }
    return new Positions(file)
  }

  /** What was stored for a path and its label text, if anything. */
  stored(path: string, labels: string): FilePosition | undefined {
    return this.#file.get(keyOf({ path, labels }))
  }

  /** All entries, for pruning what is gone. */
  entries(): FilePosition[] {
    return this.#file.values()
  }

  /** Takes an entry up: from now on a save asks `read` for it. Call `changed` whenever it returns something else. */
  attach(path: string, labels: string, read: () => readonly GenerationPosition[]): void {
    this.#file.attach(keyOf({ path, labels }), () => ({ path, labels, generations: read(), damaged: false }))
  }

  delete(path: string, labels: string): void {
    this.#file.delete(keyOf({ path, labels }))
  }

  /** An entry has changed: it is saved at once, or right after the save that is under way. */
  changed(path: string, labels: string): void {
    this.#file.changed(keyOf({ path, labels }))
  }

  /** Resolves when everything up to now is on the disk, or couldn't be written (which has been logged). */
  flush(): Promise<void> {
    return this.#file.flush()
  }

  /** Saves what has changed and lets another process have the file. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#file.close()
  }
}
