/**
 * What says which objects of a bucket are part of a store. Everything else has a name of its own contents and never changes.
 *
 *   store.json              whose store it is, its streams, delete requests and rules
 *   days/2026-01-05.json    the sealed files of a day: times, counts, objects, sizes, hashes
 */
import { LogstreamError, messageOf } from '../../errors.ts'
import type { Lists } from '../sealed/lists.ts'
import { fromJson, toJson, type Part, type StoredObject, type StoredPart } from '../sealed/manifest.ts'
import { inTurns } from './in-turns.ts'
import type { ObjectStore, ReadObject } from './object-store.ts'

const VERSION = 1

export const ROOT = 'store.json'
const DAYS = 'days/'

/** `store.json`: there is one, and it's written before any day. */
export interface Root {
  /** The folder that writes to the bucket. */
  readonly writer: string
  /** Grows with every change of the lists. */
  readonly generation: number
  readonly nextFile: number
  readonly nextStream: number
  /** The name of the file with the streams and its object; left out before anything was sealed. */
  readonly streams?: StoredObject & { readonly file: string }
  readonly lists: Lists
}

/** A sealed file as the bucket lists it. */
export type ListedPart = Part & { readonly stored: StoredPart }

/** `days/….json` */
export interface Day {
  readonly writer: string
  readonly generation: number
  readonly parts: readonly ListedPart[]
}

/** What was read, and what names it in conditions. */
export interface Found<T> {
  readonly value: T
  readonly etag: string | undefined
}

export function dayKey(day: string): string {
  return `${DAYS}${day}.json`
}

/** The day of a sealed file, which is its folder: `2026-01-05`, or `other`. */
export function dayOf({ file }: Pick<Part, 'file'>): string {
  return file.split('/')[1]!
}

export function rootText(root: Root): string {
  return toJson({ version: VERSION, ...root })
}

export function dayText(day: Day): string {
  return toJson({ version: VERSION, ...day })
}

/** Throws IO when it can't be read, or isn't one. */
export async function readRoot(objects: ObjectStore, signal: AbortSignal): Promise<Found<Root> | undefined> {
  const found = await objects.read(ROOT, signal)
  if (found === undefined) return undefined
  return parsed<Root>(
    objects,
    ROOT,
    found,
    ({ writer, generation, nextFile, nextStream, streams, lists }) => {
      expectNumbers(generation, nextFile, nextStream)
      if (typeof writer !== 'string') throw new Error('expected a writer')
      if (streams !== undefined) {
        expectName(streams.file, /^streams-\d{6,}\.jsonl$/)
        expectObject(streams)
      }
      for (const name of Object.keys(lists)) expectName(name, /^(?:deletes\.json|rules\/[^/\\]+\.ya?ml)$/)
    },
  )
}

/** Reads the list of a day. Throws IO when it can't be read, or isn't one. */
async function readDay(
  objects: ObjectStore,
  day: string,
  signal: AbortSignal,
): Promise<Found<Day> | undefined> {
  const key = dayKey(day)
  const found = await objects.read(key, signal)
  if (found === undefined) return undefined
  return parsed<Day>(objects, key, found, ({ writer, generation, parts }) => {
    expectNumbers(generation)
    if (typeof writer !== 'string') throw new Error('expected a writer')
    for (const { number, file, rows, text, bytes, indexBytes, long, stored } of parts) {
      expectNumbers(number, rows, text, bytes, indexBytes)
      expectName(file, /^parquet\/(?:\d{4}-\d\d-\d\d|other)\/\d{6,}\.parquet$/)
      if (dayOf({ file }) !== day) throw new Error(`expected files of that day, found ${file}`)
      for (const name of long) expectName(name, /^\d{6,}\.bin$/)
      if (stored.long.length !== long.length)
        throw new Error('expected an object for each file of long lines')
      for (const each of [stored.parquet, stored.index, ...stored.long]) expectObject(each)
    }
  })
}

/** Reads the lists of all days. Throws IO when one can't be read. */
export async function readDays(objects: ObjectStore, signal: AbortSignal): Promise<Map<string, Found<Day>>> {
  const names = (await objects.list(DAYS, signal)).flatMap(({ key }) => {
    const day = /^days\/(\d{4}-\d\d-\d\d|other)\.json$/.exec(key)?.[1]
    return day === undefined ? [] : [day]
  })
  const days = new Map<string, Found<Day>>()
  await inTurns(names, async (day) => {
    const found = await readDay(objects, day, signal)
    if (found !== undefined) days.set(day, found)
  })
  return days
}

function parsed<T>(
  { title }: ObjectStore,
  key: string,
  { text, etag }: ReadObject,
  check: (value: T) => void,
): Found<T> {
  try {
    const { version, ...rest } = fromJson(text) as { version: number }
    if (version !== VERSION) throw new Error(`version ${version}, expected ${VERSION}`)
    const value = rest as T
    check(value)
    return { value, etag }
  } catch (error) {
    throw new LogstreamError(
      'IO',
      `${title}${key} isn't what the store wrote (${messageOf(error)}): put an earlier version of the object back, or name another prefix`,
      { cause: error },
    )
  }
}

function expectNumbers(...values: readonly unknown[]): void {
  for (const value of values)
    if (!Number.isSafeInteger(value)) throw new Error(`expected a number, found ${JSON.stringify(value)}`)
}

// Files of these names are written.
function expectName(name: unknown, pattern: RegExp): void {
  if (typeof name !== 'string' || !pattern.test(name))
    throw new Error(`expected the name of a file, found ${JSON.stringify(name)}`)
}

function expectObject({ object, bytes, sha256 }: StoredObject): void {
  expectNumbers(bytes)
  expectName(object, /^[\w./-]+$/)
  expectName(sha256, /^[\da-f]{64}$/)
}
