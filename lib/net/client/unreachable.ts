/** What to do about a server that can't be reached, by the code of Node's error. */
import { messageOf } from '../../errors.ts'

const TRUST = 'set tls_config.ca_file to the certificate of the CA that signed it'
const CLOCK = "or check this machine's clock"
const PLAIN = "the server doesn't speak TLS there: is it http:// and not https://?"

const REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'check the host name',
  EAI_AGAIN: "this machine's DNS doesn't answer",
  CERT_HAS_EXPIRED: `renew the server's certificate, ${CLOCK}`,
  CERT_NOT_YET_VALID: `check the server's certificate, ${CLOCK}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST,
  SELF_SIGNED_CERT_IN_CHAIN: TRUST,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST,
  ERR_TLS_CERT_ALTNAME_INVALID: 'set tls_config.server_name to a name of its certificate',
  ERR_SSL_WRONG_VERSION_NUMBER: PLAIN,
  EPROTO: PLAIN,
}

/** The message of a failed connection, followed by what to do where the code tells. */
export function unreachable(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const message = messageOf(cause) || code
  const remedy = REMEDIES[code]
  return remedy === undefined ? message : `${message}; ${remedy}`
}
