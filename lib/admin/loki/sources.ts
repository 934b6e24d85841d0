/** Which servers with Loki's query API the page may ask: those the running config names, and no other. */
import { endpointUrl, type EndpointArguments } from '../../components/loki.write/endpoint-options.ts'
import type { TenantOptions } from '../../components/loki.store/tenant-options.ts'
import type { Secret } from '../../alloy/value.ts'
import type { ClientOptions } from '../../net/client/fields.ts'
import type { ComponentDetails, ComponentInfo } from '../../run/supervise/component-info.ts'
import type { HttpListener } from '../../store/listener.ts'

/** A source with what it takes to ask it. */
export interface LokiSource {
  /** The full id of its component, with the endpoint where there are several. */
  readonly id: string
  readonly kind: 'store' | 'loki'
  /** Without credentials. */
  readonly url: string
  /** Origin and path in front of `/loki/api/v1/`, without credentials. */
  readonly base: URL
  /** User and password in the URL included. */
  readonly target: URL
  readonly client: ClientOptions | undefined
  readonly headers: ReadonlyMap<string, string>
  readonly secretHeaders: ReadonlyMap<string, readonly Secret[]>
  readonly tenant: string
  /** The name and password of an embedded store. */
  readonly basic: HttpListener['basic_auth']
  /** Changes with the options, and then connections are made anew. */
  readonly options: unknown
}

const PUSH = /\/loki\/api\/v1\/push\/?$/
const NO_HEADERS = new Map<string, never>()

/** Embedded stores first; an endpoint that leads to one of them isn't named twice. */
export function lokiSources(
  details: readonly ComponentDetails[],
  components: readonly ComponentInfo[],
): readonly LokiSource[] {
  const status = new Map(components.map((each) => [each.fullId, each.status]))
  const stores = details
    .filter(({ definition }) => definition.name === 'loki.store')
    .flatMap((each) => storeSource(each, status.get(each.fullId)))
  const seen = new Set(stores.map(({ base }) => base.port))
  const endpoints = details
    .filter(({ definition }) => definition.name === 'loki.write')
    .flatMap(endpointSources)
    .filter(({ base }) => !(isLoopback(base.hostname) && seen.has(base.port)))
  return [
    ...stores,
    ...endpoints.filter(({ url }, i) => endpoints.findIndex((each) => each.url === url) === i),
  ]
}

function storeSource({ fullId, options }: ComponentDetails, status: unknown): LokiSource[] {
  const { url } = (status ?? {}) as { readonly url?: string }
  if (url === undefined) return []
  const base = reachable(new URL(url))
  return [
    {
      id: fullId,
      kind: 'store',
      url: base.origin,
      base,
      target: base,
      client: undefined,
      headers: NO_HEADERS,
      secretHeaders: NO_HEADERS,
      tenant: (options['tenants'] as TenantOptions | undefined)?.own_tenant ?? '',
      basic: (options['http'] as HttpListener).basic_auth,
      options,
    },
  ]
}

// A server that listens on all addresses is reached on this machine's own.
function reachable(url: URL): URL {
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1'
  if (url.hostname === '[::]') url.hostname = '[::1]'
  return url
}

function endpointSources({ fullId, options }: ComponentDetails): LokiSource[] {
  const endpoints = options['endpoint'] as readonly EndpointArguments[]
  return endpoints.flatMap((endpoint, i) => {
    const target = endpointUrl(endpoint)
    if (!/^https?:$/.test(target.protocol) || !PUSH.test(target.pathname)) return []
    const base = new URL(target)
    base.username = ''
    base.password = ''
    base.search = ''
    base.hash = ''
    base.pathname = base.pathname.replace(PUSH, '')
    const several = endpoints.length > 1 ? `/${endpoint.name === '' ? i : endpoint.name}` : ''
    return [
      {
        id: `${fullId}${several}`,
        kind: 'loki' as const,
        url: base.href.replace(/\/$/, ''),
        base,
        target,
        client: endpoint,
        headers: endpoint.headers,
        secretHeaders: endpoint.http_headers,
        tenant: endpoint.tenant_id,
        basic: undefined,
        options: endpoint,
      },
    ]
  })
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.')
}
