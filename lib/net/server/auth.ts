/** HTTP basic authentication of a server, with a filter for the paths that need it. */
import { createHash, timingSafeEqual } from 'node:crypto'

export interface Credentials {
  readonly username: string
  readonly password: string
}

export interface AuthSettings {
  /** Left out: no path needs authentication, whatever the filter says. */
  readonly basic?: Credentials
  /** A second user, who may see everything that the first one sees and change nothing. */
  readonly readOnly?: Credentials
  /** Left out: every path needs it. */
  readonly filter?: PathFilter
}

export interface PathFilter {
  /** Prefixes of paths. */
  readonly paths: readonly string[]
  /** `true`: only paths with one of these prefixes need it; `false`: all others do. */
  readonly authenticateMatchingPaths: boolean
}

/** Whether a request is let in. `authorization` is the header as it came. */
export type Authenticator = (path: string, authorization: string | undefined) => boolean

/** The challenge sent with a 401 (RFC 7617). */
export const CHALLENGE = 'Basic realm="logstream", charset="UTF-8"'

export function authenticator({ basic, readOnly, filter }: AuthSettings): Authenticator {
  if (basic === undefined) return () => true
  const users = [basic, ...(readOnly === undefined ? [] : [readOnly])]
  return (path, authorization) => !asks(filter, path) || users.some((user) => isUser(user, authorization))
}

/** Whether the header has the name and the password of the user. */
export function isUser({ username, password }: Credentials, authorization: string | undefined): boolean {
  return sameSecret(credentials(authorization), `${username}:${password}`)
}

/** Whether two texts are equal, in a time that doesn't tell how much of them is. */
export function sameSecret(given: string, known: string): boolean {
  return timingSafeEqual(digest(given), digest(known))
}

/** Whether a request for `path` gets in with credentials only. */
export function asksForCredentials({ basic, filter }: AuthSettings, path: string): boolean {
  return basic !== undefined && asks(filter, path)
}

function asks(filter: PathFilter | undefined, path: string): boolean {
  if (filter === undefined) return true
  return filter.paths.some((prefix) => path.startsWith(prefix)) === filter.authenticateMatchingPaths
}

// Digests have equal lengths, so comparing them doesn't reveal the length of the password.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

// Returns `user:password`, or '' which equals nothing, since the colon is always there.
function credentials(header: string | undefined): string {
  const match = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(header ?? '')
  return match === null ? '' : Buffer.from(match[1]!, 'base64').toString('utf8')
}
