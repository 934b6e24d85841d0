/** `tls_config` as Node's TLS and gRPC want it. Files are read once, when the component is built. */
import { readFileSync } from 'node:fs'
import type { SecureVersion } from 'node:tls'
import { LogstreamError, messageOf } from '../../errors.ts'
import type { TlsOptions } from './fields.ts'

/** What `tls.connect` takes. */
export interface TlsSettings {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  readonly rejectUnauthorized: boolean
  readonly minVersion?: SecureVersion
}

const VERSIONS: Readonly<Record<string, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
}

/** Throws BAD_CONFIG for settings that exclude each other, and IO for a file that cannot be read. */
export function tlsSettings(options: TlsOptions | undefined): TlsSettings {
  if (options === undefined) return { rejectUnauthorized: true }
  const ca = pem('ca', options.ca_pem, options.ca_file)
  const cert = pem('cert', options.cert_pem, options.cert_file)
  const key = pem('key', options.key_pem.text, options.key_file)
  if ((cert === undefined) !== (key === undefined))
    throw new LogstreamError(
      'BAD_CONFIG',
      `tls_config has a client ${cert === undefined ? 'key' : 'certificate'} alone: give both the certificate and its key`,
      { option: 'tls_config' },
    )
  return {
    ca,
    cert,
    key,
    servername: options.server_name === '' ? undefined : options.server_name,
    rejectUnauthorized: !options.insecure_skip_verify,
    minVersion: VERSIONS[options.min_version],
  }
}

function pem(what: string, inline: string, file: string): string | undefined {
  if (inline !== '' && file !== '')
    throw new LogstreamError('BAD_CONFIG', `tls_config has ${what}_pem and ${what}_file: keep one of them`, {
      option: 'tls_config',
    })
  if (file === '') return inline === '' ? undefined : inline
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new LogstreamError('IO', `${what}_file: cannot read "${file}": ${messageOf(error)}`, {
      cause: error,
      option: 'tls_config',
    })
  }
}
