/** Go's net/url: Parse and String, as sprig's urlParse and urlJoin need them. */
import { isIPv6 } from 'node:net'
import { fromBytes, toBytes } from '../../strings/bytes.ts'
import { fault } from '../value.ts'

/** The parts of a URL, unescaped except for the query; `user` is escaped, undefined if there is none. */
export interface Url {
  scheme: string
  opaque: string
  user: string | undefined
  host: string
  path: string
  query: string
  fragment: string
}

/** Which characters a part leaves unescaped, besides letters, digits and `-_.~`. */
const unescaped = {
  path: /[$&+,/:;=@]/,
  host: /[!$&'()*+,;=:[\]<>"]/,
  user: /[$&+,;=]/,
  fragment: /[!$&()*+,/:;=?@]/,
}

type Part = keyof typeof unescaped

function isPlain(char: string, part: Part): boolean {
  return /[A-Za-z0-9_.~-]/.test(char) || unescaped[part].test(char)
}

function escapePart(text: string, part: Part): string {
  return Array.from(toBytes(text), (byte) => {
    const char = String.fromCharCode(byte)
    return byte < 0x80 && isPlain(char, part) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

function badEscape(text: string): never {
  throw fault(`invalid URL escape ${JSON.stringify(text)}`)
}

function unescape(text: string, part: Part): string {
  const bytes = toBytes(text)
  const out: number[] = []
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    const char = String.fromCharCode(byte)
    if (char !== '%') {
      if (part === 'host' && byte < 0x80 && !isPlain(char, part)) {
        throw fault(`invalid character ${JSON.stringify(char)} in host name`)
      }
      out.push(byte)
      continue
    }
    const hex = String.fromCharCode(...bytes.subarray(i + 1, i + 3))
    if (!/^[0-9a-fA-F]{2}$/.test(hex)) badEscape(`%${hex}`)
    const decoded = Number.parseInt(hex, 16)
    // In a host only what isn't ASCII may be escaped.
    if (part === 'host' && decoded < 0x80 && hex !== '25') badEscape(`%${hex}`)
    out.push(decoded)
    i += 2
  }
  return fromBytes(Uint8Array.from(out))
}

function cut(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)]
}

function checkPort(port: string): void {
  if (!/^(?::[0-9]*)?$/.test(port)) throw fault(`invalid port ${JSON.stringify(port)} after host`)
}

function parseBracketed(host: string): string {
  const end = host.lastIndexOf(']')
  if (end < 0) throw fault("missing ']' in host")
  checkPort(host.slice(end + 1))
  const [address, zone] = cut(host.slice(1, end), '%25')
  const name = unescape(address, 'host')
  if (!isIPv6(name) || zone === '') throw fault(`invalid host ${JSON.stringify(name)}`)
  return `[${name}${zone === undefined ? '' : `%${unescape(zone, 'path')}`}]${host.slice(end + 1)}`
}

function parseHost(scheme: string, host: string): string {
  if (host.lastIndexOf('[') > 0) throw fault('invalid IP-literal')
  if (host.startsWith('[')) return parseBracketed(host)
  const strict = scheme === 'http' || scheme === 'https'
  const colon = strict ? host.indexOf(':') : host.lastIndexOf(':')
  if (colon >= 0) checkPort(host.slice(colon))
  return unescape(host, 'host')
}

function parseUser(text: string): string {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text)) throw fault('invalid user info in URL')
  const [name, password] = cut(text, ':')
  const escaped = escapePart(unescape(name, 'user'), 'user')
  return password === undefined ? escaped : `${escaped}:${escapePart(unescape(password, 'user'), 'user')}`
}

function parseScheme(text: string): [string, string] {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)
  if (match !== null) return [(match[1] ?? '').toLowerCase(), text.slice(match[0].length)]
  if (text.startsWith(':')) throw fault('missing protocol scheme in URL')
  return ['', text]
}

function parseAuthority(url: Url, authority: string): void {
  const at = authority.lastIndexOf('@')
  url.host = parseHost(url.scheme, authority.slice(at + 1))
  if (at >= 0) url.user = parseUser(authority.slice(0, at))
}

// url = [ scheme ":" ] [ "//" [ user "@" ] host ] [ path ] [ "?" query ] [ "#" fragment ]
export function parseUrl(text: string): Url {
  if (/[\0- ]/.test(text.replaceAll(' ', '')) || text.includes('\x7f'))
    throw fault('invalid control character in URL')
  const [main, fragment = ''] = cut(text, '#')
  const [scheme, afterScheme] = parseScheme(main)
  const [rest, query = ''] = cut(afterScheme, '?')
  const url: Url = { scheme, opaque: '', user: undefined, host: '', path: '', query, fragment: '' }
  let path = rest
  if (!path.startsWith('/')) {
    if (scheme !== '') url.opaque = path
    else if (cut(path, '/')[0].includes(':')) throw fault('first path segment in URL cannot contain colon')
  }
  if (url.opaque !== '' || (scheme !== '' && !path.startsWith('/'))) path = ''
  if (path.startsWith('//') && (scheme !== '' || !path.startsWith('///'))) {
    const end = path.indexOf('/', 2)
    parseAuthority(url, path.slice(2, end < 0 ? undefined : end))
    path = end < 0 ? '' : path.slice(end)
  }
  url.path = unescape(path, 'path')
  url.fragment = unescape(fragment, 'fragment')
  return url
}

/** Without port and brackets. */
export function hostname(host: string): string {
  const bare = host.replace(/:[0-9]*$/, (port, at: number) =>
    host.startsWith('[') && host[at - 1] !== ']' ? port : '',
  )
  return bare.startsWith('[') && bare.endsWith(']') ? bare.slice(1, -1) : bare
}

function authorityText({ scheme, host, user, path }: Url): string {
  if (scheme === '' && host === '' && user === undefined) return ''
  const slashes = host !== '' || path !== '' || user !== undefined ? '//' : ''
  return `${slashes}${user === undefined ? '' : `${user}@`}${escapePart(host, 'host')}`
}

/** The URL as text. */
export function formatUrl(url: Url): string {
  let text = url.scheme === '' ? '' : `${url.scheme}:`
  if (url.opaque !== '') text += url.opaque
  else {
    text += authorityText(url)
    const path = url.path === '*' ? '*' : escapePart(url.path, 'path')
    if (path !== '' && !path.startsWith('/') && url.host !== '') text += '/'
    // A colon in the first segment would read as a scheme.
    if (text === '' && cut(path, '/')[0].includes(':')) text = './'
    text += path
  }
  if (url.query !== '') text += `?${url.query}`
  return url.fragment === '' ? text : `${text}#${escapePart(url.fragment, 'fragment')}`
}
