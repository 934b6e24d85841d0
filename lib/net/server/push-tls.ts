/** From the `tls` block of a source that takes pushes, whose attributes have names of their own, to the TLS of the server. */
import { blame } from '../../component/origin.ts'
import type { PushTlsOptions } from '../../component/options/push-server.ts'
import { LogstreamError } from '../../errors.ts'
import { CIPHER_SUITES, TLS_VERSIONS } from '../../go/tls-names.ts'
import { CLIENT_AUTHS, type ServerTls } from './tls-fields.ts'

/** Throws BAD_CONFIG, blamed on `tls`, for a name that Go doesn't know. Files aren't read here. */
export function pushTls(tls: PushTlsOptions | undefined): ServerTls | undefined {
  if (tls === undefined) return undefined
  try {
    return serverTls(tls)
  } catch (error) {
    throw blame(error, tls)
  }
}

function serverTls(tls: PushTlsOptions): ServerTls {
  const suites = tls.cipher_suites
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  for (const name of suites) oneOf('cipher_suites', name, [...CIPHER_SUITES.keys()])
  const { client_auth_type: clientAuth, min_version: version } = tls
  return {
    cert_pem: tls.cert_pem,
    cert_file: tls.cert_file,
    key_pem: tls.key_pem,
    key_file: tls.key_file,
    client_ca_pem: tls.client_ca,
    client_ca_file: tls.client_ca_file,
    client_auth_type:
      clientAuth === '' ? 'NoClientCert' : oneOf('client_auth_type', clientAuth, CLIENT_AUTHS),
    min_version: version === '' ? '' : oneOf('min_version', version, VERSIONS).replace('Version', ''),
    cipher_suites: suites,
  }
}

const VERSIONS = [...TLS_VERSIONS.keys()].map((name) => `Version${name}`)

function oneOf<T extends string>(option: string, name: string, names: readonly T[]): T {
  const found = names.find((each) => each === name)
  if (found !== undefined) return found
  throw new LogstreamError('BAD_CONFIG', `${option}: expected one of ${names.join(', ')}, found "${name}"`, {
    option,
  })
}
