/** TLS of a server: from the names that the config language uses (Go's) to what Node's TLS server takes. */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createSecureContext, DEFAULT_CIPHERS } from 'node:tls'
import type { SecureVersion, TLSSocket, TlsOptions } from 'node:tls'
import { LogstreamError, messageOf } from '../../errors.ts'

export type ClientAuth =
  | 'NoClientCert'
  | 'RequestClientCert'
  | 'RequireAnyClientCert'
  | 'VerifyClientCertIfGiven'
  | 'RequireAndVerifyClientCert'

/** Texts are '' where nothing was said; of each `pem` and `file` at most one may be given. */
export interface TlsSettings {
  readonly certPem: string
  readonly certFile: string
  readonly keyPem: string
  readonly keyFile: string
  readonly clientCaPem: string
  readonly clientCaFile: string
  readonly clientAuth: ClientAuth
  /** Go's names; `undefined`: Node's own choice. Those of TLS 1.3 are always on, as in Go. */
  readonly cipherSuites: readonly string[] | undefined
  readonly curves: readonly string[] | undefined
  /** `TLS10` to `TLS13`, or '': TLS 1.2 and TLS 1.3. */
  readonly minVersion: string
  readonly maxVersion: string
}

const VERSIONS: ReadonlyMap<string, SecureVersion> = new Map([
  ['TLS10', 'TLSv1'],
  ['TLS11', 'TLSv1.1'],
  ['TLS12', 'TLSv1.2'],
  ['TLS13', 'TLSv1.3'],
])

/** Names of curves in a config (Go's `crypto/tls.CurveID`) and in OpenSSL. */
export const CURVES: ReadonlyMap<string, string> = new Map([
  ['CurveP256', 'P-256'],
  ['CurveP384', 'P-384'],
  ['CurveP521', 'P-521'],
  ['X25519', 'X25519'],
])

const TLS13_SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']

/** Names of cipher suites in a config (IANA's, those that Go's `tls.CipherSuites` holds) and in OpenSSL. */
export const CIPHERS: ReadonlyMap<string, string> = new Map([
  ...TLS13_SUITES.map((name) => [name, name] as const),
  ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA', 'ECDHE-ECDSA-AES128-SHA'],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA', 'ECDHE-ECDSA-AES256-SHA'],
  ['TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 'ECDHE-RSA-AES128-SHA'],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA', 'ECDHE-RSA-AES256-SHA'],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ['TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
])

/**
 * Reads the files and checks that all of it works together. Throws BAD_CONFIG, with the option that is wrong, or IO
 * for a file that cannot be read; no message holds any of a key.
 */
export function tlsOptions(settings: TlsSettings): TlsOptions {
  const cert = pem('cert', settings.certPem, settings.certFile)
  const key = pem('key', settings.keyPem, settings.keyFile)
  const ca = pem('client_ca', settings.clientCaPem, settings.clientCaFile)
  if (cert === undefined) throw bad('cert_file', 'tls needs a certificate: add cert_file or cert_pem')
  if (key === undefined)
    throw bad('key_file', 'tls needs the key of its certificate: add key_file or key_pem')
  const { clientAuth } = settings
  if (ca !== undefined && clientAuth === 'NoClientCert')
    throw bad(
      'client_auth_type',
      'there is a CA for client certificates, but client_auth_type is NoClientCert: write "RequireAndVerifyClientCert"',
    )
  checkCertificate(cert, key, settings)
  if (ca !== undefined) {
    const caOption = settings.clientCaFile === '' ? 'client_ca_pem' : 'client_ca_file'
    parsed(caOption, 'certificate', () => new X509Certificate(ca))
  }
  const options: TlsOptions = {
    cert,
    key,
    ca,
    ...versions(settings),
    ciphers: ciphers(settings),
    ecdhCurve: settings.curves?.map((name) => known(CURVES, name, 'curve_preferences')).join(':') || 'auto',
    requestCert: clientAuth !== 'NoClientCert',
    rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
    handshakeTimeout: 10_000,
  }
  try {
    createSecureContext(options)
  } catch (error) {
    throw bad(undefined, `tls: ${messageOf(error)}`, error)
  }
  return options
}

/**
 * Whether a client that Node let in may stay: Node knows only "must be verified" and "anything goes", Go two kinds
 * in between.
 */
export function mayStay(socket: TLSSocket, clientAuth: ClientAuth): boolean {
  if (clientAuth !== 'RequireAnyClientCert' && clientAuth !== 'VerifyClientCertIfGiven') return true
  const { subject } = socket.getPeerCertificate() as { subject?: unknown }
  const shown = subject !== undefined
  return clientAuth === 'RequireAnyClientCert' ? shown : !shown || socket.authorized
}

/** Changes when one of the files does. */
export function filesStamp({ certFile, keyFile, clientCaFile }: TlsSettings): string {
  return [certFile, keyFile, clientCaFile]
    .map((file) => {
      const found = file === '' ? undefined : statSync(file, { throwIfNoEntry: false })
      return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`
    })
    .join(', ')
}

/** One text for one set of options: equal texts need no change of the server. */
export function tlsFingerprint(options: TlsOptions): string {
  return createHash('sha256').update(JSON.stringify(options)).digest('hex')
}

function pem(what: string, inline: string, file: string): string | undefined {
  if (inline !== '' && file !== '')
    throw bad(`${what}_file`, `tls has ${what}_pem and ${what}_file: keep one of them`)
  if (file === '') return inline === '' ? undefined : inline
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new LogstreamError('IO', `${what}_file: cannot read "${file}": ${messageOf(error)}`, {
      cause: error,
      option: `${what}_file`,
    })
  }
}

function checkCertificate(cert: string, key: string, settings: TlsSettings): void {
  const certOption = settings.certFile === '' ? 'cert_pem' : 'cert_file'
  const keyOption = settings.keyFile === '' ? 'key_pem' : 'key_file'
  const certificate = parsed(certOption, 'certificate', () => new X509Certificate(cert))
  const privateKey = parsed(keyOption, 'private key', () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey))
    throw bad(keyOption, `the key does not belong to the certificate of ${certOption}: give the pair`)
}

// OpenSSL's own message is about ASN.1; what a person can do is the same for all of them.
function parsed<T>(option: string, what: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw bad(
      option,
      `${option}: expected a ${what} as PEM ("-----BEGIN ..."), without a passphrase, found something else`,
      error,
    )
  }
}

function versions({ minVersion, maxVersion }: TlsSettings): Pick<TlsOptions, 'minVersion' | 'maxVersion'> {
  const order = [...VERSIONS.keys()]
  if (maxVersion !== '' && order.indexOf(minVersion || 'TLS12') > order.indexOf(maxVersion))
    throw bad('max_version', `max_version ${maxVersion} is below min_version ${minVersion || 'TLS12'}`)
  return {
    minVersion: VERSIONS.get(minVersion) ?? 'TLSv1.2',
    maxVersion: VERSIONS.get(maxVersion) ?? 'TLSv1.3',
  }
}

function ciphers({ cipherSuites, minVersion }: TlsSettings): string {
  const names =
    cipherSuites === undefined || cipherSuites.length === 0
      ? [DEFAULT_CIPHERS]
      : new Set([...TLS13_SUITES, ...cipherSuites.map((name) => known(CIPHERS, name, 'cipher_suites'))])
  // OpenSSL 3 speaks the old versions on its lowest level only.
  const level = minVersion === 'TLS10' || minVersion === 'TLS11' ? ['@SECLEVEL=0'] : []
  return [...names, ...level].join(':')
}

function known(table: ReadonlyMap<string, string>, name: string, option: string): string {
  const found = table.get(name)
  if (found !== undefined) return found
  throw bad(option, `${option}: expected one of ${[...table.keys()].join(', ')}, found "${name}"`)
}

function bad(option: string | undefined, message: string, cause?: unknown): LogstreamError {
  return new LogstreamError('BAD_CONFIG', message, { option, cause })
}
