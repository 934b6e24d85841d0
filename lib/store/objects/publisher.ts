/**
 * Brings a bucket to what a manifest says, in an order of which every step may be the last: files are uploaded, then the
 * list of their day names them, then the manifest says that the bucket has them. Only one folder writes to a bucket's
 * prefix: `store.json` says which, and is written on condition that it hasn't changed.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { LogstreamError } from '../../errors.ts'
import type { PutCondition } from '../../net/s3/bucket.ts'
import type { Lists } from '../sealed/lists.ts'
import type { BucketRecord, Manifest, Part, StoredObject, StoredPart } from '../sealed/manifest.ts'
import { indexFile, type StoreFiles } from '../sealed/store-files.ts'
import {
  dayKey,
  dayOf,
  dayText,
  readDays,
  readRoot,
  ROOT,
  rootText,
  type Day,
  type Found,
  type ListedPart,
  type Root,
} from './catalog.ts'
import type { ObjectStore } from './object-store.ts'

/** What the bucket lists. */
export interface Published {
  root: Found<Root> | undefined
  readonly days: Map<string, Found<Day>>
}

/** All that the lists of a bucket name, and the lists. */
export function namesOf({ root, days }: Published): Set<string> {
  const names = new Set([ROOT])
  const { streams } = root?.value ?? {}
  if (streams !== undefined) names.add(streams.object)
  for (const [day, { value }] of days) {
    names.add(dayKey(day))
    for (const { stored } of value.parts)
      for (const { object } of [stored.parquet, stored.index, ...stored.long]) names.add(object)
  }
  return names
}

export class Publisher {
  readonly #files: StoreFiles
  readonly #objects: ObjectStore
  /** `undefined`: it has to be looked at. */
  #published: Published | undefined
  /** Uploaded and perhaps not listed yet, by the name below the folder. */
  readonly #uploaded = new Map<string, StoredObject>()

  constructor(files: StoreFiles, objects: ObjectStore) {
    this.#files = files
    this.#objects = objects
  }

  /** What the bucket lists after the last `publish` that succeeded. */
  get published(): Published | undefined {
    return this.#published
  }

  /**
   * Makes the bucket list the files of a pinned manifest. Throws BAD_CONFIG when the bucket is another store's, and IO when
   * a request fails; another call goes on from there.
   */
  async publish(manifest: Manifest, lists: Lists, signal: AbortSignal): Promise<void> {
    try {
      const published = (this.#published ??= await this.#look(signal))
      const days = new Map<string, Part[]>([...published.days.keys()].map((day) => [day, []]))
      for (const part of manifest.parts) {
        const parts = days.get(dayOf(part))
        if (parts === undefined) days.set(dayOf(part), [part])
        else parts.push(part)
      }
      const changed = [...days].filter(([day, parts]) => !this.#isListed(published.days.get(day), parts))
      const streams = await this.#uploadStreams(manifest, published, signal)
      const { value: root } = published.root ?? {}
      const isSame = isDeepStrictEqual([root?.streams, root?.lists ?? {}], [streams, lists])
      if (changed.length === 0 && isSame) return
      const { nextFile, nextStream } = manifest
      await this.#writeRoot(published, { nextFile, nextStream, streams, lists }, signal)
      for (const [day, parts] of changed) await this.#writeDay(published, day, parts, signal)
      // What is listed is known from the lists, and the rest may be swept away.
      this.#uploaded.clear()
    } catch (error) {
      // What has become of the last request isn't known.
      this.#published = undefined
      throw error
    }
  }

  /** Throws BAD_CONFIG unless the bucket still is this store's. */
  async expectOwn(signal: AbortSignal): Promise<Found<Root> | undefined> {
    const root = await readRoot(this.#objects, signal)
    const { bucket } = this.#files.manifest
    if (root === undefined) return undefined
    const { title } = this.#objects
    if (bucket?.writer !== root.value.writer)
      throw refused(
        bucket === undefined
          ? `${title} holds another store, and "${this.#files.folder}" has entries of its own: name another prefix, or begin with an empty folder`
          : `another store has begun to write to ${title}: stop one of them; what this one hasn't copied there is in "${this.#files.folder}"`,
      )
    if (root.value.generation > bucket.generation)
      throw refused(
        `"${this.#files.folder}" is an older copy of the store in ${title}: begin with an empty folder, or name another prefix`,
      )
    return root
  }

  async #look(signal: AbortSignal): Promise<Published> {
    const root = await this.expectOwn(signal)
    if (root === undefined) {
      await this.#begin()
      return { root, days: new Map() }
    }
    const days = await readDays(this.#objects, signal)
    await this.#adopt(days)
    return { root, days }
  }

  // In a bucket, or under a prefix, without a store.
  async #begin(): Promise<void> {
    const { parts, bucket } = this.#files.manifest
    const absent = parts.filter((part) => this.#files.isAbsent(part))
    if (absent.length > 0)
      throw refused(
        `${this.#objects.title} holds no store, but ${absent[0]!.file} and perhaps others are only in the bucket that the store had: name that one`,
      )
    this.#uploaded.clear()
    const record = { writer: bucket?.writer ?? randomUUID(), generation: bucket?.generation ?? 0, stored: {} }
    await this.#files.change((manifest) => ({ ...manifest, bucket: record }))
  }

  // Files that were listed a moment before a crash. What is on the disk and not listed is uploaded again.
  async #adopt(days: ReadonlyMap<string, Found<Day>>): Promise<void> {
    const listed = new Map<number, ListedPart>()
    for (const { value } of days.values()) for (const part of value.parts) listed.set(part.number, part)
    const { parts, bucket } = this.#files.manifest
    const changes = new Map<number, StoredPart | undefined>()
    for (const part of parts) {
      const known = bucket!.stored[part.number]
      const found = listed.get(part.number)
      const isSame = found !== undefined && found.file === part.file && found.bytes === part.bytes
      if (known === undefined && isSame) changes.set(part.number, found.stored)
      if (known !== undefined && !isSame && !this.#files.isAbsent(part)) changes.set(part.number, undefined)
    }
    if (changes.size > 0) await this.#mark(changes)
  }

  async #mark(changes: ReadonlyMap<number, StoredPart | undefined>): Promise<void> {
    await this.#files.change((manifest) => {
      const stored: Record<string, StoredPart> = { ...manifest.bucket!.stored }
      for (const [number, part] of changes)
        if (part === undefined) delete stored[number]
        else stored[number] = part
      return { ...manifest, bucket: { ...manifest.bucket!, stored } }
    })
  }

  get #record(): BucketRecord {
    return this.#files.manifest.bucket!
  }

  #isListed(day: Found<Day> | undefined, parts: readonly Part[]): boolean {
    const listed = new Map(day?.value.parts.map((part) => [part.number, part.file]))
    return (
      listed.size === parts.length &&
      parts.every(
        ({ number, file }) => listed.get(number) === file && this.#record.stored[number] !== undefined,
      )
    )
  }

  async #uploadStreams(
    { streams: file }: Manifest,
    { root }: Published,
    signal: AbortSignal,
  ): Promise<Root['streams']> {
    const known = root?.value.streams
    if (known?.file === file || file === '') return file === '' ? undefined : known
    return { file, ...(await this.#upload(file, signal)) }
  }

  async #writeRoot(
    published: Published,
    root: Omit<Root, 'writer' | 'generation'>,
    signal: AbortSignal,
  ): Promise<void> {
    const { writer } = this.#record
    const generation = this.#record.generation + 1
    // On the disk first: a bucket that is ahead of its folder was written by another.
    await this.#files.change((manifest) => ({ ...manifest, bucket: { ...manifest.bucket!, generation } }))
    const value = { writer, generation, ...root }
    // Looked at once more for servers that don't know conditions.
    const etag = await this.#write(ROOT, rootText(value), await this.expectOwn(signal), signal)
    published.root = { value, etag }
  }

  async #writeDay(
    { days }: Published,
    day: string,
    parts: readonly Part[],
    signal: AbortSignal,
  ): Promise<void> {
    if (parts.length === 0) {
      await this.#objects.delete(dayKey(day), signal)
      days.delete(day)
      return
    }
    const listed: ListedPart[] = []
    for (const part of parts) listed.push({ ...part, stored: await this.#storedPart(part, signal) })
    const { writer, generation } = this.#record
    const value = { writer, generation, parts: listed }
    const etag = await this.#write(dayKey(day), dayText(value), days.get(day), signal)
    days.set(day, { value, etag })
    // A store that began in between doesn't list them: they must stay on this disk.
    await this.expectOwn(signal)
    await this.#mark(new Map(listed.map(({ number, stored }) => [number, stored])))
  }

  async #write(
    key: string,
    text: string,
    before: Found<unknown> | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const condition: PutCondition = before === undefined ? { ifAbsent: true } : { ifMatch: before.etag }
    const written = await this.#objects.write(key, text, condition, signal)
    if (written !== 'changed') return written.etag
    throw new LogstreamError('IO', `${key} was changed by another request`)
  }

  async #storedPart(part: Part, signal: AbortSignal): Promise<StoredPart> {
    const known = this.#record.stored[part.number]
    if (known !== undefined) return known
    const parquet = await this.#upload(part.file, signal)
    const index = await this.#upload(indexFile(part), signal)
    const long: StoredObject[] = []
    for (const file of part.long)
      long.push(this.#longObject(file) ?? (await this.#upload(`long/${file}`, signal)))
    return { parquet, index, long }
  }

  async #upload(name: string, signal: AbortSignal): Promise<StoredObject> {
    const known = this.#uploaded.get(name)
    if (known !== undefined) return known
    const object = await this.#objects.upload(name, join(this.#files.folder, name), signal)
    this.#uploaded.set(name, object)
    return object
  }

  // Sealed files share those of long lines.
  #longObject(file: string): StoredObject | undefined {
    const start = `long/${file.replace('.bin', '-')}`
    for (const { long } of Object.values(this.#record.stored))
      for (const each of long) if (each.object.startsWith(start)) return each
    return undefined
  }
}

function refused(message: string): LogstreamError {
  return new LogstreamError('BAD_CONFIG', message, { option: 'object_storage' })
}
