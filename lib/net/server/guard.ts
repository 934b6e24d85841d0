/**
 * Keeps web pages out of a server that listens on this machine: a page of another site may send requests to
 * 127.0.0.1 (cross-site requests, DNS rebinding), so the Host must be one of ours and a browser that says the
 * request comes from another site is refused.
 */
import { hostname } from 'node:os'
import { isIP } from 'node:net'
import type { IncomingHttpHeaders } from 'node:http'

/** Why a request is refused, or `undefined`. `allowed` are host names beyond this machine's own. */
export function refuse(headers: IncomingHttpHeaders, allowed: readonly string[]): string | undefined {
  const host = hostOf(headers.host ?? '')
  if (!isOurs(host, allowed)) return `host "${host}" is not one of this server's: use 127.0.0.1 or localhost`
  const site = headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') return 'cross-site requests are refused'
  const { origin } = headers
  // "null" is the origin of sandboxed frames and of local files: somebody else's page as well.
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === headers.host?.toLowerCase()))
    return `origin "${origin}" is not this server`
  return undefined
}

// An IP address cannot be rebound by DNS, so any of them is fine.
function isOurs(host: string, allowed: readonly string[]): boolean {
  return (
    isIP(host) !== 0 ||
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === hostname().toLowerCase() ||
    allowed.includes(host)
  )
}

function hostOf(header: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(header)
  return (bracketed?.[1] ?? header.replace(/:\d*$/, '')).toLowerCase()
}
