/** How the API server of a cluster is reached, and as whom. */
import type { ProxyOptions } from '../client/fields.ts'
import type { TlsSettings } from '../client/tls.ts'

export interface Access {
  readonly server: URL
  readonly proxy: ProxyOptions
  /** Read again now and then: certificates are renewed under the same path. Rejects with IO. */
  readonly tls: () => Promise<TlsSettings>
  /** Headers of a request, credentials among them. Tokens in files expire and are read for each. Rejects with IO. */
  readonly headers: () => Promise<Readonly<Record<string, string | string[]>>>
  /** The server has refused the credentials: a cached token is made anew for the next request. */
  readonly refused: () => void
  readonly close: () => Promise<void>
}

export const NO_PROXY: ProxyOptions = {
  proxy_url: '',
  no_proxy: '',
  proxy_from_environment: false,
  proxy_connect_header: new Map(),
}
