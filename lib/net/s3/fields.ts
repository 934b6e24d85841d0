/** How to reach a bucket of an S3 API: the arguments of a config, checked. */
import type { Secret } from '../../alloy/value.ts'
import {
  blockWithDefaults,
  duration,
  optional,
  required,
  secret,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { LogstreamError } from '../../errors.ts'
import { proxyFields, tlsFields } from '../client/fields.ts'
import type { BucketSettings } from './requests.ts'

export const bucketFields = {
  bucket: required(text, 'Name of the bucket; it must exist.'),
  prefix: optional(text, '', 'Folder in the bucket, such as "logs/web"; left out: the top.'),
  region: optional(
    text,
    '',
    'Region of the bucket; left out: AWS_REGION, or us-east-1 if there is an endpoint.',
  ),
  endpoint: optional(
    text,
    '',
    'URL of a server that speaks S3, such as https://minio:9000; left out: AWS. The bucket becomes part of the path.',
  ),
  access_key_id: optional(
    text,
    '',
    'Access key; left out: from the environment, the shared credentials file, or the role of the pod, task or instance.',
  ),
  secret_access_key: optional(secret, secret.zero, 'Its secret.'),
  session_token: optional(secret, secret.zero, 'Token of temporary keys.'),
  request_timeout: optional(duration, 30_000, 'Longest time for one request.'),
  ...proxyFields,
  tls_config: blockWithDefaults(tlsFields, 'TLS towards the endpoint.'),
}

export type BucketArguments = OptionsOf<typeof bucketFields>

const REGION_NAME = /^[a-z0-9-]+$/i
const BUCKET_NAME = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i
const PREFIX_PART = /^(?!\.{1,2}$)[\w.=!'()*-]+$/

/** Throws BAD_CONFIG for arguments that can't work. */
export function bucketSettings(options: BucketArguments, env: NodeJS.ProcessEnv): BucketSettings {
  const { bucket, endpoint } = options
  checkKeys(options)
  if (!BUCKET_NAME.test(bucket))
    throw bad('bucket', `expected 3 to 63 letters, digits, dots and dashes, found ${JSON.stringify(bucket)}`)
  const region = options.region || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || ''
  if (region === '' && endpoint === '')
    throw bad('region', 'expected the region of the bucket, such as "eu-central-1", found none')
  if (region !== '' && !REGION_NAME.test(region))
    throw bad('region', `expected a name such as "eu-central-1", found ${JSON.stringify(region)}`)
  const prefix = prefixOf(options.prefix)
  if (endpoint === '') return { bucket, prefix, region, url: awsUrl(bucket, region) }
  const url = endpointUrl(endpoint)
  url.pathname = `/${bucket}`
  return { bucket, prefix, region: region || 'us-east-1', url }
}

function checkKeys(options: {
  readonly access_key_id: string
  readonly secret_access_key: Secret
  readonly session_token: Secret
}): void {
  const { access_key_id: id, secret_access_key: key, session_token: token } = options
  if (id !== '' && key.text === '')
    throw bad('access_key_id', 'it needs secret_access_key, which is missing: set both, or neither')
  if (id === '' && key.text !== '')
    throw bad('secret_access_key', 'it needs access_key_id, which is missing: set both, or neither')
  if (id === '' && token.text !== '')
    throw bad('session_token', 'it needs access_key_id and secret_access_key, which are missing')
}

function prefixOf(text: string): string {
  const trimmed = text.replace(/\/$/, '')
  if (trimmed === '') return ''
  if (!trimmed.split('/').every((part) => PREFIX_PART.test(part)))
    throw bad(
      'prefix',
      `expected names of letters, digits and ._=!'()*- between single slashes, found ${JSON.stringify(text)}`,
    )
  return `${trimmed}/`
}

// A certificate for *.s3.REGION.amazonaws.com doesn't cover names with dots.
function awsUrl(bucket: string, region: string): URL {
  const host = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
  return new URL(bucket.includes('.') ? `https://${host}/${bucket}` : `https://${bucket}.${host}`)
}

function endpointUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw bad('endpoint', 'expected a URL such as https://minio:9000, found something else')
  if (url.username !== '' || url.password !== '')
    throw bad('endpoint', 'expected a URL without credentials: use access_key_id and secret_access_key')
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw bad(
      'endpoint',
      'expected a URL without a path: name the bucket with bucket, and folders in it with prefix',
    )
  return url
}

function bad(option: string, message: string): LogstreamError {
  return new LogstreamError('BAD_CONFIG', `${option}: ${message}`, { option })
}
