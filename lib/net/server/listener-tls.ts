/** `tls_config` of a TCP listener (`loki.source.syslog`, `loki.source.tcp`): Alloy uses the block of its clients there. */
import type { TlsOptions } from 'node:tls'
import { flag, optional, secret, text, type OptionsOf } from '../../component/fields.ts'
import { TLS_VERSIONS } from '../../go/tls-names.ts'
import { tlsConfigOptions } from './tls.ts'

export const listenerTlsFields = {
  ca_pem: optional(text, '', 'CA certificate (PEM). Clients must then present a certificate signed by it.'),
  ca_file: optional(text, '', 'File with such a certificate.'),
  cert_pem: optional(text, '', 'Certificate of the listener (PEM).'),
  cert_file: optional(text, '', 'File with the certificate of the listener.'),
  key_pem: optional(secret, secret.zero, 'Key of the certificate (PEM).'),
  key_file: optional(text, '', 'File with that key.'),
  server_name: optional(text, '', 'Has no effect on a listener.'),
  insecure_skip_verify: optional(flag, false, 'Has no effect on a listener.'),
  min_version: optional(text, '', 'Lowest TLS version.', ['', ...TLS_VERSIONS.keys()]),
}

export type ListenerTls = OptionsOf<typeof listenerTlsFields>

/** Returns what Node's TLS server takes; `undefined` for plain TCP. As in Alloy, any CA, certificate or key turns TLS on. */
export function listenerTls(options: ListenerTls | undefined): TlsOptions | undefined {
  return wantsTls(options) ? tlsConfigOptions(options) : undefined
}

/** Whether a listener speaks TLS. */
export function wantsTls(options: ListenerTls | undefined): options is ListenerTls {
  if (options === undefined) return false
  const { ca_pem, ca_file, cert_pem, cert_file, key_pem, key_file } = options
  return [ca_pem, ca_file, cert_pem, cert_file, key_pem.text, key_file].some((given) => given !== '')
}
