/**
 * The list of a store's files, `manifest.json`. It's replaced as a whole, so each step of sealing, compaction, retention
 * and deletion happens entirely or not at all: what the manifest doesn't name isn't part of the store.
 */
import { join } from 'node:path'
import { readIfExists, writeAtomic } from '../../disk/atomic.ts'
import { syncFolder } from '../../disk/sync-folder.ts'
import { LogstreamError, messageOf } from '../../errors.ts'

/** A sealed Parquet file. Times are nanoseconds of Unix time, inclusive. */
export interface Part {
  /** Numbers grow in the order in which files were written. */
  readonly number: number
  /** Below the store's folder: `parquet/2026-01-05/000012.parquet`. */
  readonly file: string
  readonly from: bigint
  readonly to: bigint
  readonly rows: number
  /** Bytes of its lines and metadata, as Loki counts them. */
  readonly text: number
  /** Bytes on disk: of the file, and of its index beside it. */
  readonly bytes: number
  readonly indexBytes: number
  /** Of the file, hexadecimal; left out in files of earlier releases. */
  readonly sha256?: string
  /** Whether metadata is more than a level anywhere; left out: perhaps. */
  readonly structured?: boolean
  /** Files in `long/` that it refers to. */
  readonly long: readonly string[]
}

/** An object in the bucket. */
export interface StoredObject {
  readonly object: string
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha256: string
}

/** Where the bucket has a sealed file. */
export interface StoredPart {
  readonly parquet: StoredObject
  readonly index: StoredObject
  /** In the order of the part's. */
  readonly long: readonly StoredObject[]
}

/** What a store knows of its bucket. */
export interface BucketRecord {
  /** Names this folder; the bucket says which folder writes to it. */
  readonly writer: string
  /** Grows with every change of the bucket's lists, and is written here first. */
  readonly generation: number
  /** The sealed files that the bucket lists, by number. */
  readonly stored: Readonly<Record<string, StoredPart>>
}

/** A DuckDB file that isn't sealed yet. */
export interface HotFile {
  readonly number: number
  /** Below the store's folder. */
  readonly file: string
  /** When it was begun, in milliseconds. */
  readonly since: number
}

export interface Manifest {
  /** Numbers for the next file and the next stream; neither is ever given twice. */
  readonly nextFile: number
  readonly nextStream: number
  /** Oldest first; the last one takes what comes in. */
  readonly hot: readonly HotFile[]
  /** The file with the streams of the sealed parts; '' before anything was sealed. */
  readonly streams: string
  readonly parts: readonly Part[]
  /** Files that were sealed and are to be deleted; only for names that a user might put back. */
  readonly obsolete: readonly string[]
  /** Left out: the store has never had a bucket. */
  readonly bucket?: BucketRecord
}

export const MANIFEST = 'manifest.json'
const VERSION = 1

/** The first DuckDB file; stores of 0.1.0 have this one and nothing else. */
export const FIRST_HOT = 'store.duckdb'

/** A DuckDB file for what comes in from now on, in milliseconds. */
export function newHotFile(number: number, now: number): HotFile {
  return { number, file: `store-${String(number).padStart(6, '0')}.duckdb`, since: now }
}

/** What a folder without a manifest holds: nothing, or a store of 0.1.0. */
export function firstManifest(now: number): Manifest {
  return {
    nextFile: 1,
    nextStream: 1,
    hot: [{ number: 0, file: FIRST_HOT, since: now }],
    streams: '',
    parts: [],
    obsolete: [],
  }
}

/** Reads the manifest; `undefined` if there is none. Throws IO when it can't be read. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, MANIFEST)
  const text = (await readIfExists(path))?.toString()
  if (text === undefined) return undefined
  try {
    const { version, ...rest } = fromJson(text) as Manifest & { version: number }
    if (version !== VERSION) throw new Error(`version ${version}, expected ${VERSION}`)
    return rest
  } catch (error) {
    throw new LogstreamError(
      'IO',
      `the store's list of files "${path}" is damaged (${messageOf(error)}): put a copy of it back, or move the folder away to begin with an empty store`,
      { cause: error, option: 'path' },
    )
  }
}

/** Replaces the manifest; resolves when it would survive a power failure. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = toJson({ version: VERSION, ...manifest })
  await writeAtomic(join(folder, MANIFEST), text)
  await syncFolder(folder)
}

// Times don't fit into JSON's numbers.
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each), 1)
}

/** Throws for what isn't JSON. */
export function fromJson(text: string): unknown {
  return JSON.parse(text, (name, value: unknown) =>
    name === 'from' || name === 'to' ? BigInt(value as string) : value,
  )
}
