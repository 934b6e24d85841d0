/** A bucket for stores under test, and what must hold in it after each request. */
import { createHash } from 'node:crypto'
import { decodeInput } from '../../lib/component/decode.ts'
import { bucketFields, bucketSettings } from '../../lib/net/s3/fields.ts'
import { openBucket } from '../../lib/net/s3/open.ts'
import type { ObjectStorageOptions } from '../../lib/store/objects/object-storage.ts'
import type { StoredObject, StoredPart } from '../../lib/store/sealed/manifest.ts'
import { ACCESS_KEY, SECRET_KEY } from './fake-s3.ts'

/** The arguments of a block `object_storage` for the bucket `logs` of a server. */
export function bucketArguments(endpoint: string): Readonly<Record<string, unknown>> {
  return {
    bucket: 'logs',
    endpoint,
    prefix: 'store',
    access_key_id: ACCESS_KEY,
    secret_access_key: SECRET_KEY,
    request_timeout: '2s',
  }
}

interface StorageChanges {
  readonly cacheSize?: number
  readonly prefix?: string
}

export function storageAt(
  endpoint: string,
  { cacheSize = 0, prefix = 'store' }: StorageChanges = {},
): ObjectStorageOptions {
  const options = decodeInput('bucket', bucketFields, { ...bucketArguments(endpoint), prefix })
  const settings = bucketSettings(options, {})
  return {
    open: () => Promise.resolve(openBucket(options, settings, 4, () => Date.now())),
    title: `${endpoint}/logs/${prefix}/`,
    cacheSize,
  }
}

interface Day {
  readonly parts: readonly { readonly rows: number; readonly file: string; readonly stored: StoredPart }[]
}

/** What the lists of a bucket name. */
export function listedIn(objects: ReadonlyMap<string, Buffer>, prefix = 'store'): Day['parts'] {
  return [...objects]
    .filter(([key]) => key.startsWith(`${prefix}/days/`))
    .flatMap(([, body]) => (JSON.parse(body.toString()) as Day).parts)
}

/** What is listed and isn't there, or isn't what was listed. */
export function missingIn(objects: ReadonlyMap<string, Buffer>, prefix = 'store'): string[] {
  const root = objects.get(`${prefix}/store.json`)
  const { streams } = (root === undefined ? {} : JSON.parse(root.toString())) as { streams?: StoredObject }
  const named = listedIn(objects, prefix).flatMap(({ stored }) => [
    stored.parquet,
    stored.index,
    ...stored.long,
  ])
  if (streams !== undefined) named.push(streams)
  else if (named.length > 0) return ['store.json names no streams']
  return named.flatMap(({ object, sha256 }) => {
    const body = objects.get(`${prefix}/${object}`)
    if (body === undefined) return [object]
    return createHash('sha256').update(body).digest('hex') === sha256 ? [] : [`${object} has other contents`]
  })
}
