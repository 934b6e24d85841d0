/** The bucket of an open store: what is sealed is copied there, and read from there where the disk doesn't have it. */
import type { Clock } from '../../flow/clock.ts'
import type { Bucket } from '../../net/s3/bucket.ts'
import type { Logger } from '../../telemetry/log.ts'
import { hotName, type Database } from '../database.ts'
import { longFilesOf } from '../sealed/write-part.ts'
import { Mirror } from './mirror.ts'
import { ObjectStore } from './object-store.ts'
import { PartCache } from './part-cache.ts'
import { restore } from './restore.ts'

export interface ObjectStorageOptions {
  /** Opens the bucket for one store, under the prefix of that store. */
  readonly open: () => Promise<Bucket>
  /** What messages call it: its URL, with a slash at its end. */
  readonly title: string
  /** Bytes of sealed files that stay on the disk; 0: any number. */
  readonly cacheSize: number
}

export class ObjectStorage {
  readonly objects: ObjectStore
  readonly cache: PartCache
  readonly mirror: Mirror

  private constructor(objects: ObjectStore, cache: PartCache, mirror: Mirror) {
    this.objects = objects
    this.cache = cache
    this.mirror = mirror
  }

  /** Begins to copy, for an open store. */
  static start(
    objects: ObjectStore,
    database: Database,
    { cacheSize }: ObjectStorageOptions,
    clock: Clock,
    log: Logger,
  ): ObjectStorage {
    const { files, long } = database
    const unsealed = async (): Promise<ReadonlySet<string>> => {
      const used = new Set<string>()
      for (const hot of files.manifest.hot)
        for (const file of await database.use((connection) =>
          longFilesOf(connection, `${hotName(hot)}.entries`),
        ))
          used.add(file)
      return used
    }
    const cache = new PartCache({ files, long, objects, unsealed, cacheSize, clock })
    return new ObjectStorage(objects, cache, new Mirror({ files, objects, cache, clock, log }))
  }

  async close(): Promise<void> {
    await this.mirror.close()
    await this.cache.close()
  }
}

/** Opens the bucket, and fills an empty folder from it once that is locked. */
export async function openObjects(
  { open, title }: ObjectStorageOptions,
  folder: string,
  clock: Clock,
  log: Logger,
): Promise<{ readonly objects: ObjectStore; readonly prepare: () => Promise<void> }> {
  const objects = new ObjectStore({ bucket: await open(), title, clock })
  const { signal } = new AbortController()
  return { objects, prepare: () => restore({ folder, objects, clock, log, signal }) }
}
