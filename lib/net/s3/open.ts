/** Opens buckets; what speaks to them is loaded with this file. */
import { connectionsTo } from '../client/proxy.ts'
import { tlsSettings } from '../client/tls.ts'
import { Bucket } from './bucket.ts'
import type { BucketArguments } from './fields.ts'
import { keySource } from './key-source.ts'
import type { BucketSettings } from './requests.ts'

/** Opens the bucket that the arguments describe; nothing is sent yet. Throws BAD_CONFIG or IO for what can't work. */
export function openBucket(
  options: BucketArguments,
  settings: BucketSettings,
  connections: number,
  now: () => number,
): Bucket {
  const { url, region } = settings
  const tls = tlsSettings(options.tls_config)
  return new Bucket({
    settings,
    connections: connectionsTo(url, { tls, proxy: options, connections }),
    keys: keySource({
      accessKeyId: options.access_key_id,
      secretAccessKey: options.secret_access_key,
      sessionToken: options.session_token,
      region,
      proxy: options,
      env: process.env,
      now,
    }),
    timeoutMs: options.request_timeout,
  })
}
