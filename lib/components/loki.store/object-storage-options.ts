/** The `object_storage` block of `loki.store`. */
import type { ComponentContext } from '../../component/component.ts'
import { optional, size, type OptionsOf } from '../../component/fields.ts'
import { bucketFields, bucketSettings } from '../../net/s3/fields.ts'
import { ROOT } from '../../store/objects/catalog.ts'
import { ObjectStore } from '../../store/objects/object-store.ts'
import type { ObjectStorageOptions } from '../../store/objects/object-storage.ts'

export const objectStorageFields = {
  ...bucketFields,
  cache_size: optional(
    size,
    0,
    'Most bytes of sealed files on the disk; those that were read least recently are removed there. 0: no limit.',
  ),
}

export type ObjectStorageArguments = OptionsOf<typeof objectStorageFields>

/** Requests that a store has on their way at once. */
const CONNECTIONS = 8

/** What a store, or that of one tenant, is opened with. Throws BAD_CONFIG for arguments that can't work. */
export function objectStorageOf(
  options: ObjectStorageArguments,
  { clock }: ComponentContext,
  tenant?: string,
): ObjectStorageOptions {
  const settings = bucketSettings(options, process.env)
  const prefix = tenant === undefined ? settings.prefix : `${settings.prefix}${TENANTS}${tenant}/`
  return {
    // Loaded for stores that have a bucket.
    open: async () => {
      const { openBucket } = await import('../../net/s3/open.ts')
      return openBucket(options, { ...settings, prefix }, CONNECTIONS, () => clock.now())
    },
    title: `${settings.url.href.replace(/\/$/, '')}/${prefix}`,
    cacheSize: options.cache_size,
  }
}

const TENANTS = 'tenants/'

/** Tenants whose stores are in the bucket. Throws IO when it can't be listed. */
export async function storedTenants(
  options: ObjectStorageArguments,
  ctx: ComponentContext,
): Promise<string[]> {
  const { open, title } = objectStorageOf(options, ctx)
  const objects = new ObjectStore({ bucket: await open(), title, clock: ctx.clock })
  try {
    const { signal } = new AbortController()
    const keys = (await objects.list(TENANTS, signal)).map(({ key }) => key)
    return keys.flatMap((key) => {
      const [, name, file] = key.split('/')
      return file === ROOT && key.split('/').length === 3 ? [name!] : []
    })
  } finally {
    await objects.close()
  }
}
