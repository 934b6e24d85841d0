/** TLS of a server: from a decoded `tls` block to the options of Node's TLS server. */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { statSync } from 'node:fs'
import { createSecureContext, DEFAULT_CIPHERS } from 'node:tls'
import type { TLSSocket, TlsOptions } from 'node:tls'
import { blame } from '../../component/origin.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import { CIPHER_SUITES, CURVES, TLS13_SUITES, TLS_VERSIONS } from '../../go/tls-names.ts'
import { readPem } from '../pem.ts'
import type { ClientAuth, ServerTls } from './tls-fields.ts'

/** A client that hasn't finished its handshake by then is cut off. */
const HANDSHAKE_MS = 10_000

/**
 * Reads the files and checks that everything works together. Throws BAD_CONFIG, or IO for a file that can't be read,
 * naming the attribute and blamed on `tls`. No message repeats any part of a key.
 */
export function tlsOptions(tls: ServerTls): TlsOptions {
  try {
    return build(tls)
  } catch (error) {
    throw blame(error, tls)
  }
}

function build(tls: ServerTls): TlsOptions {
  const { client_auth_type: clientAuth } = tls
  const pair = keyPair(tls)
  const ca = clientCa('client_ca', tls.client_ca_pem, tls.client_ca_file)
  if (ca !== undefined && clientAuth === 'NoClientCert')
    throw bad(
      'client_auth_type',
      'there is a CA for client certificates, but client_auth_type is NoClientCert: write "RequireAndVerifyClientCert"',
    )
  const options: TlsOptions = {
    ...pair,
    ca,
    ...protocol(tls),
    ecdhCurve:
      tls.curve_preferences?.map((name) => known(CURVES, name, 'curve_preferences')).join(':') || 'auto',
    requestCert: clientAuth !== 'NoClientCert',
    rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
    handshakeTimeout: HANDSHAKE_MS,
  }
  try {
    createSecureContext(options)
  } catch (error) {
    throw bad(undefined, `tls: ${messageOf(error)}`, error)
  }
  return options
}

/** The options of a listener of the `tls_config` kind, where a CA means that clients must have a certificate of it. */
export function tlsConfigOptions(
  tls: KeyPairText & Pick<ServerTls, 'min_version'> & { readonly ca_pem: string; readonly ca_file: string },
): TlsOptions {
  try {
    const ca = clientCa('ca', tls.ca_pem, tls.ca_file)
    const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }
    return { ...keyPair(tls), ...protocol(tls), handshakeTimeout: HANDSHAKE_MS, ...clients }
  } catch (error) {
    throw blame(error, tls)
  }
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
export function filesStamp({ cert_file, key_file, client_ca_file }: ServerTls): string {
  return [cert_file, key_file, client_ca_file]
    .map((file) => {
      const found = file === '' ? undefined : statSync(file, { throwIfNoEntry: false })
      return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`
    })
    .join(', ')
}

/** Equal for equal options, which need no change of the server. */
export function tlsFingerprint(options: TlsOptions): string {
  return createHash('sha256').update(JSON.stringify(options)).digest('hex')
}

type KeyPairText = Pick<ServerTls, 'cert_pem' | 'cert_file' | 'key_pem' | 'key_file'>

function keyPair(tls: KeyPairText): { cert: string; key: string } {
  const cert = readPem('cert', tls.cert_pem, tls.cert_file)
  const key = readPem('key', tls.key_pem.text, tls.key_file)
  if (cert === undefined)
    throw bad('cert_file', 'a TLS listener needs a certificate: add cert_file or cert_pem')
  if (key === undefined)
    throw bad('key_file', 'a TLS listener needs the key of its certificate: add key_file or key_pem')
  const certOption = tls.cert_file === '' ? 'cert_pem' : 'cert_file'
  const keyOption = tls.key_file === '' ? 'key_pem' : 'key_file'
  const certificate = parsed(certOption, 'certificate', () => new X509Certificate(cert))
  const privateKey = parsed(keyOption, 'private key', () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey))
    throw bad(keyOption, `the key doesn't belong to the certificate in ${certOption}: use a matching pair`)
  return { cert, key }
}

function clientCa(name: string, inline: string, file: string): string | undefined {
  const ca = readPem(name, inline, file)
  if (ca !== undefined)
    parsed(file === '' ? `${name}_pem` : `${name}_file`, 'certificate', () => new X509Certificate(ca))
  return ca
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

function protocol(
  tls: Pick<ServerTls, 'min_version' | 'max_version' | 'cipher_suites'>,
): Pick<TlsOptions, 'minVersion' | 'maxVersion' | 'ciphers'> {
  const min = tls.min_version || 'TLS12'
  const max = tls.max_version || 'TLS13'
  const order = [...TLS_VERSIONS.keys()]
  if (order.indexOf(min) > order.indexOf(max))
    throw bad('max_version', `max_version ${max} is below min_version ${min}`)
  const suites = tls.cipher_suites ?? []
  const names =
    suites.length === 0
      ? [DEFAULT_CIPHERS]
      : new Set([...TLS13_SUITES, ...suites.map((name) => known(CIPHER_SUITES, name, 'cipher_suites'))])
  // OpenSSL 3 speaks the versions before TLS 1.2 on its lowest security level only.
  const level = order.indexOf(min) < order.indexOf('TLS12') ? ['@SECLEVEL=0'] : []
  return {
    minVersion: TLS_VERSIONS.get(min),
    maxVersion: TLS_VERSIONS.get(max),
    ciphers: [...names, ...level].join(':'),
  }
}

function known(table: ReadonlyMap<string, string>, name: string, option: string): string {
  const found = table.get(name)
  if (found !== undefined) return found
  throw bad(option, `${option}: expected one of ${[...table.keys()].join(', ')}, found "${name}"`)
}

function bad(option: string | undefined, message: string, cause?: unknown): LogstreamError {
  return new LogstreamError('BAD_CONFIG', message, { option, cause })
}
