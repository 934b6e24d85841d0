/** HTTP basic authentication of a server, with a filter that says which paths ask for it. */
import { createHash, timingSafeEqual } from 'node:crypto'

export interface AuthSettings {
  /** Left out, nothing asks for authentication, whatever the filter says. */
  readonly basic?: { readonly username: string; readonly password: string }
  /** Left out, every path asks. */
  readonly filter?: PathFilter
}

export interface PathFilter {
  /** Prefixes of paths. */
  readonly paths: readonly string[]
  /** `true`: only paths with one of these prefixes ask; `false`: all others do. */
  readonly authenticateMatchingPaths: boolean
}

/** Whether a request may go on. `authorization` is the header as it came. */
export type Authenticator = (path: string, authorization: string | undefined) => boolean

/** What a client that was turned away is told (RFC 7617). */
export const CHALLENGE = 'Basic realm="logstream", charset="UTF-8"'

export function authenticator({ basic, filter }: AuthSettings): Authenticator {
  if (basic === undefined) return () => true
  const wanted = digest(`${basic.username}:${basic.password}`)
  return (path, authorization) =>
    !asks(filter, path) || timingSafeEqual(digest(credentials(authorization)), wanted)
}

/** Whether a request for `path` gets in with credentials only. */
export function asksForCredentials({ basic, filter }: AuthSettings, path: string): boolean {
  return basic !== undefined && asks(filter, path)
}

function asks(filter: PathFilter | undefined, path: string): boolean {
  if (filter === undefined) return true
  return filter.paths.some((prefix) => path.startsWith(prefix)) === filter.authenticateMatchingPaths
}

// Digests have one length, so that comparing them tells nothing of the length of what was wanted.
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

// What the header carries: `user:password`, or '' which nothing is equal to, since the colon is always there.
function credentials(header: string | undefined): string {
  const match = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(header ?? '')
  return match === null ? '' : Buffer.from(match[1]!, 'base64').toString('utf8')
}
