/** `tls_config` of a listener: its fields, and what Node's TLS server wants of them. */
import { readFileSync } from 'node:fs'
import type { SecureVersion, TlsOptions } from 'node:tls'
import { LogstreamError, messageOf } from '../../errors.ts'
import { flag, optional, secret, text, type OptionsOf } from '../fields.ts'

const VERSIONS: Readonly<Record<string, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
}

export const listenerTlsFields = {
  ca_pem: optional(text, '', 'CA certificate (PEM): clients must then show a certificate signed by it.'),
  ca_file: optional(text, '', 'File with such a certificate.'),
  cert_pem: optional(text, '', 'Certificate of the listener (PEM).'),
  cert_file: optional(text, '', 'File with the certificate of the listener.'),
  key_pem: optional(secret, secret.zero, 'Key of the certificate (PEM).'),
  key_file: optional(text, '', 'File with that key.'),
  server_name: optional(text, '', 'Has no effect on a listener.'),
  insecure_skip_verify: optional(flag, false, 'Has no effect on a listener.'),
  min_version: optional(text, '', 'Lowest TLS version.', ['', ...Object.keys(VERSIONS)]),
}

export type ListenerTls = OptionsOf<typeof listenerTlsFields>

/** Whether a listener speaks TLS: as in Alloy, as soon as a CA, certificate or key is given. */
export function wantsTls(options: ListenerTls | undefined): options is ListenerTls {
  if (options === undefined) return false
  const { ca_pem, ca_file, cert_pem, cert_file, key_pem, key_file } = options
  return [ca_pem, ca_file, cert_pem, cert_file, key_pem.text, key_file].some((given) => given !== '')
}

/** Reads the files. Throws BAD_CONFIG without a certificate and its key, IO for a file that cannot be read. */
export function serverTls(options: ListenerTls): TlsOptions {
  const cert = pem('cert', options.cert_file, options.cert_pem)
  const key = pem('key', options.key_file, options.key_pem.text)
  const ca = pem('ca', options.ca_file, options.ca_pem)
  if (cert === undefined || key === undefined)
    throw new LogstreamError(
      'BAD_CONFIG',
      `tls_config of a listener needs a certificate and its key: add ${cert === undefined ? 'cert_file' : 'key_file'}`,
      { option: 'tls_config' },
    )
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }
  return { cert, key, minVersion: VERSIONS[options.min_version], handshakeTimeout: 10_000, ...clients }
}

function pem(what: string, file: string, inline: string): string | undefined {
  if (file === '') return inline === '' ? undefined : inline
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new LogstreamError('IO', `tls_config: ${what}_file: cannot read "${file}": ${messageOf(error)}`, {
      cause: error,
      option: 'tls_config',
    })
  }
}
