/** The connections of one HTTP client: straight to the server or through a proxy. */
import { BlockList, isIP } from 'node:net'
import type { Dispatcher } from 'undici'
import { LogstreamError } from '../../errors.ts'
import type { ProxyOptions } from './fields.ts'
import type { TlsSettings } from './tls.ts'
import { newPool, newProxyAgent } from './undici.ts'

export interface ConnectionOptions {
  readonly tls: TlsSettings
  readonly proxy: ProxyOptions
  /** Connections at a time; `null`: as many as there are requests. */
  readonly connections: number | null
}

/** Returns connections to the origin of `url`. Throws BAD_CONFIG for proxy settings that can't work. */
export function connectionsTo(url: URL, { tls, proxy, connections }: ConnectionOptions): Dispatcher {
  const { proxy_url: own, no_proxy: except, proxy_from_environment: fromEnvironment } = proxy
  if (fromEnvironment && (own !== '' || except !== ''))
    throw new LogstreamError(
      'BAD_CONFIG',
      'proxy_from_environment excludes proxy_url and no_proxy: keep one way to name the proxy',
      { option: 'proxy_from_environment' },
    )
  if (own === '' && except !== '')
    throw new LogstreamError('BAD_CONFIG', 'no_proxy is set without proxy_url: set proxy_url too', {
      option: 'no_proxy',
    })
  const via = fromEnvironment ? proxyOfEnvironment(url) : own
  const direct = fromEnvironment ? variable('NO_PROXY') : except
  // A connection may take as long as the whole request, not undici's ten seconds.
  const connect = { ...tls, timeout: 0 }
  if (via === '' || bypasses(url, direct)) return newPool(url.origin, { connections, connect })
  const uri = proxyUrl(via)
  const headers: Record<string, string[]> = {}
  for (const [name, values] of proxy.proxy_connect_header) headers[name] = values.map(({ text }) => text)
  return newProxyAgent({
    uri: uri.origin,
    token:
      uri.username === ''
        ? undefined
        : `Basic ${Buffer.from(`${decodeURIComponent(uri.username)}:${decodeURIComponent(uri.password)}`).toString('base64')}`,
    headers,
    requestTls: connect,
    // As in Go: only TLS needs a tunnel.
    proxyTunnel: url.protocol === 'https:',
  })
}

function proxyUrl(text: string): URL {
  const uri = URL.canParse(text) ? new URL(text) : undefined
  if (uri === undefined || (uri.protocol !== 'http:' && uri.protocol !== 'https:'))
    throw new LogstreamError('BAD_CONFIG', 'proxy_url: expected an http or https URL, found something else', {
      option: 'proxy_url',
    })
  return uri
}

function proxyOfEnvironment(url: URL): string {
  return variable(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY')
}

function variable(name: string): string {
  return process.env[name] ?? process.env[name.toLowerCase()] ?? ''
}

/**
 * Whether a host is on a `no_proxy` list: `*`, a host (with or without port), a domain (which covers its subdomains),
 * or a network such as `10.0.0.0/8` or `fd00::/8`.
 */
export function bypasses(url: URL, list: string): boolean {
  const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, '')
  for (const item of list.split(',').map((part) => part.trim().toLowerCase())) {
    if (item === '') continue
    if (item === '*' || item === host || item === `${host}:${url.port}`) return true
    if (host.endsWith(item.startsWith('.') ? item : `.${item}`)) return true
    if (isInNetwork(host, item)) return true
  }
  return false
}

function isInNetwork(host: string, item: string): boolean {
  const [, base = '', bits] = /^(.+)\/(\d{1,3})$/.exec(item) ?? []
  const family = isIP(host)
  if (family === 0 || family !== isIP(base) || Number(bits) > (family === 4 ? 32 : 128)) return false
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  const network = new BlockList()
  network.addSubnet(base, Number(bits), kind)
  return network.check(host, kind)
}
