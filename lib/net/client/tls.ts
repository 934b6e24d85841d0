/** `tls_config` of a client, as Node's TLS and gRPC take it. Files are read once, when the component is built. */
import type { SecureVersion } from 'node:tls'
import { blame } from '../../component/origin.ts'
import { LogstreamError } from '../../errors.ts'
import { TLS_VERSIONS } from '../../go/tls-names.ts'
import { readPem } from '../pem.ts'
import type { TlsOptions } from './fields.ts'

/** Options of `tls.connect`. */
export interface TlsSettings {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  readonly rejectUnauthorized: boolean
  readonly minVersion?: SecureVersion
}

/** Throws BAD_CONFIG for settings that exclude each other and IO for a file that can't be read, blamed on `options`. */
export function tlsSettings(options: TlsOptions | undefined): TlsSettings {
  if (options === undefined) return { rejectUnauthorized: true }
  try {
    return {
      ...credentials(options),
      servername: options.server_name === '' ? undefined : options.server_name,
      rejectUnauthorized: !options.insecure_skip_verify,
      minVersion: TLS_VERSIONS.get(options.min_version),
    }
  } catch (error) {
    throw blame(error, options)
  }
}

function credentials(options: TlsOptions): Pick<TlsSettings, 'ca' | 'cert' | 'key'> {
  const ca = readPem('ca', options.ca_pem, options.ca_file)
  const cert = readPem('cert', options.cert_pem, options.cert_file)
  const key = readPem('key', options.key_pem.text, options.key_file)
  if ((cert === undefined) !== (key === undefined))
    throw new LogstreamError(
      'BAD_CONFIG',
      cert === undefined
        ? 'tls_config has a client key without its certificate: add cert_file or cert_pem'
        : 'tls_config has a client certificate without its key: add key_file or key_pem',
      { option: cert === undefined ? 'cert_file' : 'key_file' },
    )
  return { ca, cert, key }
}
