/** From the `tls` block of otelcol servers, which names versions, curves and CAs in its own way, to the TLS of ours. */
import { LogstreamError } from '../../errors.ts'
import { CIPHER_SUITES } from '../../go/tls-names.ts'
import type { ServerTls } from '../../net/server/tls-fields.ts'
import type { OtlpTls } from './fields.ts'

/** Throws BAD_CONFIG for a name that Go doesn't know, and for keys in a TPM. Files aren't read here. */
export function serverTls(tls: OtlpTls): ServerTls {
  if (tls.tpm?.enabled === true)
    throw new LogstreamError('BAD_CONFIG', 'keys in a TPM are not supported: use key_file', { option: 'tpm' })
  return {
    cert_pem: tls.cert_pem,
    cert_file: tls.cert_file,
    key_pem: tls.key_pem,
    key_file: tls.key_file,
    client_ca_pem: '',
    client_ca_file: tls.client_ca_file,
    client_auth_type: tls.client_ca_file === '' ? 'NoClientCert' : 'RequireAndVerifyClientCert',
    min_version: version(tls.min_version),
    max_version: version(tls.max_version),
    cipher_suites: tls.cipher_suites?.map((name) => known('cipher_suites', name, [...CIPHER_SUITES.keys()])),
    curve_preferences: tls.curve_preferences?.map((name) =>
      name === 'X25519' ? name : `Curve${known('curve_preferences', name, CURVES)}`,
    ),
  }
}

/** The same for gRPC, whose library takes no more than certificates. Throws for settings it can't keep. */
export function grpcTls(tls: OtlpTls): ServerTls {
  for (const option of ['min_version', 'max_version', 'cipher_suites', 'curve_preferences'] as const) {
    const value = tls[option]
    if (value === undefined || value.length === 0 || value === '1.2') continue
    throw new LogstreamError(
      'BAD_CONFIG',
      `${option} can't be set for gRPC: TLS 1.2 and 1.3 are spoken. Remove it, or take exports over HTTP`,
      { option },
    )
  }
  return serverTls(tls)
}

const CURVES = ['P256', 'P384', 'P521', 'X25519']

// "1.2" is TLS12.
function version(name: string): string {
  return name === '' ? '' : `TLS${name.replace('.', '')}`
}

function known(option: string, name: string, names: readonly string[]): string {
  if (names.includes(name)) return name
  throw new LogstreamError('BAD_CONFIG', `${option}: expected one of ${names.join(', ')}, found "${name}"`, {
    option,
  })
}
