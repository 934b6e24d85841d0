/** Connections from the process to the Lokis of its config, with the credentials that the config has for them. */
import type { Dispatcher } from 'undici'
import { authorizer, type Authorizer } from '../../net/client/auth.ts'
import { headersOf } from '../../net/client/headers.ts'
import { connectionsTo } from '../../net/client/proxy.ts'
import { tlsSettings } from '../../net/client/tls.ts'
import { newPool } from '../../net/client/undici.ts'
import { VERSION } from '../../version.ts'
import type { LokiSource } from './sources.ts'

/** The page asks for a few things at once: lines, the histogram, labels. */
const CONNECTIONS = 6

interface Open {
  readonly options: unknown
  readonly origin: string
  readonly connections: Dispatcher
  readonly authorizer: Authorizer | undefined
}

export interface Asking {
  readonly connections: Dispatcher
  readonly headers: Record<string, string | string[]>
}

/** One set of connections for each source that was asked; a source whose options have changed gets new ones. */
export class LokiConnections {
  readonly #open = new Map<string, Open>()

  /** What a request to the source goes over, and the headers it carries. Rejects with IO for credentials that can't be had. */
  async of(source: LokiSource): Promise<Asking> {
    const { connections, authorizer: credentials } = this.#opened(source)
    const authorization = source.basic === undefined ? await credentials?.header() : basicHeader(source.basic)
    const { headers, secretHeaders: http_headers, tenant } = source
    return {
      connections,
      headers: {
        ...headersOf({ headers, http_headers }),
        ...(authorization === undefined ? {} : { authorization }),
        ...(tenant === '' ? {} : { 'x-scope-orgid': tenant }),
        'user-agent': `logstream/${VERSION}`,
      },
    }
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()]
    this.#open.clear()
    await Promise.all(open.map(shut))
  }

  #opened(source: LokiSource): Open {
    const known = this.#open.get(source.id)
    if (known !== undefined && known.options === source.options && known.origin === source.base.origin)
      return known
    if (known !== undefined) void shut(known)
    const { client, base, target, options } = source
    const opened: Open =
      client === undefined
        ? { options, origin: base.origin, connections: ownStore(base), authorizer: undefined }
        : {
            options,
            origin: base.origin,
            connections: connectionsTo(base, {
              tls: tlsSettings(client.tls_config),
              proxy: client,
              connections: CONNECTIONS,
            }),
            authorizer: authorizer(client, target, Date.now),
          }
    this.#open.set(source.id, opened)
    return opened
  }
}

// The store's certificate is made out to the names its clients use; here both ends are this process.
function ownStore(base: URL): Dispatcher {
  return newPool(base.origin, { connections: CONNECTIONS, connect: { rejectUnauthorized: false } })
}

function basicHeader({ username, password }: NonNullable<LokiSource['basic']>): string {
  return `Basic ${Buffer.from(`${username}:${password.text}`).toString('base64')}`
}

async function shut({ connections, authorizer: credentials }: Open): Promise<void> {
  await Promise.all([connections.destroy(), credentials?.close()])
}
