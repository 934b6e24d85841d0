/**
 * Keeps web pages out of a server: a page of another site may send requests to 127.0.0.1 or to an address in the local
 * network (cross-site requests, DNS rebinding), so the Host must be one of ours, and a request that a browser says
 * comes from another site is refused.
 */
import { hostname } from 'node:os'
import { isIP } from 'node:net'
import type { IncomingHttpHeaders } from 'node:http'
import { isLoopback } from './address.ts'

/** Returns why a request is refused, or `undefined`. `allowed` are host names beyond this machine's own. */
export function refuse(headers: IncomingHttpHeaders, allowed: readonly string[] | 'any'): string | undefined {
  const host = hostOf(headers.host ?? '')
  if (!isOurs(host, allowed)) return `host "${host}" is not one of this server's: use 127.0.0.1 or localhost`
  const site = headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') return 'cross-site requests are refused'
  const { origin } = headers
  // "null" is the origin of sandboxed frames and of local files, which are other sites too.
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === headers.host?.toLowerCase()))
    return `origin "${origin}" is not this server`
  return undefined
}

/**
 * Returns why a request may not change anything, or `undefined`. Browsers send no Sec-Fetch-Site over plain HTTP to
 * any host but this machine (W3C Fetch Metadata: to trustworthy URLs only), and no Origin with a GET: there, an image
 * of any page could be what sends a GET. A POST always has its Origin (Fetch standard), which `refuse` has looked at.
 */
export function refuseChange(method: string, headers: IncomingHttpHeaders): string | undefined {
  const host = hostOf(headers.host ?? '')
  const here = host === 'localhost' || (isIP(host) !== 0 && isLoopback(host))
  if (method === 'POST' || (method === 'GET' && here)) return undefined
  return 'use POST: a GET is taken only at 127.0.0.1 or localhost, since any web page can make a browser send one'
}

// DNS can't rebind an IP address, so any of them will do.
function isOurs(host: string, allowed: readonly string[] | 'any'): boolean {
  return (
    allowed === 'any' ||
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
