/** Positions of sources other than files: a JSON value by key, in `cursors.json`. */
import { EntryFile, entryKind, type EntryFileOptions } from './entry-file.ts'
import type { EntryFormat } from './entry-files.ts'
import { changedOf, formatEntries, isRecord, parseEntries } from './json-entries.ts'

const LIST = { mark: 'logstream_cursors', version: 1, list: 'cursors' }

/** What can be kept. */
export type Cursor =
  | string
  | number
  | boolean
  | null
  | readonly Cursor[]
  | { readonly [name: string]: Cursor }

interface KeyedCursor {
  readonly key: string
  readonly cursor: Cursor
}

const cursorsFormat: EntryFormat<KeyedCursor> = {
  name: 'cursors',
  unsaved: 'after a restart what was read since the last save is sent again',
  text: (entries) => formatEntries(LIST, entries),
  entry: ({ key, cursor }, changed) => JSON.stringify({ key, cursor, changed }),
  parse: (bytes) =>
    parseEntries(LIST, bytes).flatMap((entry) => {
      if (!isRecord(entry) || typeof entry['key'] !== 'string' || entry['cursor'] === undefined) return []
      // JSON has no other values.
      const value = { key: entry['key'], cursor: entry['cursor'] as Cursor }
      return [{ key: value.key, value, changed: changedOf(entry) }]
    }),
}

const CURSORS = entryKind(cursorsFormat)

export class Cursors {
  readonly #file: EntryFile<KeyedCursor>
  #closed = false

  private constructor(file: EntryFile<KeyedCursor>) {
    this.#file = file
  }

  /** Reads the file. A damaged one is put aside with a warning. Rejects with `LogstreamError` IO for a newer version's. */
  static async open(options: EntryFileOptions): Promise<Cursors> {
    return new Cursors(await EntryFile.open(CURSORS, options))
  }

  get(key: string): Cursor | undefined {
    return this.#file.get(key)?.cursor
  }

  /** From now on a save asks `read` for the cursor of `key`. Call `changed` whenever it returns another one. */
  attach(key: string, read: () => Cursor): void {
    this.#file.attach(key, () => ({ key, cursor: read() }))
  }

  changed(key: string): void {
    this.#file.changed(key)
  }

  delete(key: string): void {
    this.#file.delete(key)
  }

  /** Deletes those that haven't changed since `before`, in milliseconds of Unix time, but for those in `except`. */
  deleteUnchanged(before: number, except: ReadonlySet<string>): void {
    for (const key of this.#file.unchanged(before)) if (!except.has(key)) this.#file.delete(key)
  }

  flush(): Promise<void> {
    return this.#file.flush()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#file.close()
  }
}
