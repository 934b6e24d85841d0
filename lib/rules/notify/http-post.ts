/** Sends JSON to one address, with the credentials that the config has for it. */
import { messageOf } from '../../errors.ts'
import { authorizer } from '../../net/client/auth.ts'
import type { ClientOptions } from '../../net/client/fields.ts'
import { checkHeaders, headersOf } from '../../net/client/headers.ts'
import { connectionsTo } from '../../net/client/proxy.ts'
import { tlsSettings } from '../../net/client/tls.ts'
import { redactUrl } from '../../loki/transport.ts'
import { VERSION } from '../../version.ts'

export type PostOutcome =
  | { readonly ok: true }
  /** `final`: sending it again won't help. */
  | { readonly ok: false; readonly final: boolean; readonly reason: string }

export interface HttpPost {
  /** Where it goes, without credentials. */
  readonly name: string
  /** Never rejects. */
  send(body: unknown): Promise<PostOutcome>
  close(): Promise<void>
}

export interface PostSettings {
  readonly url: URL
  readonly client: ClientOptions
  /** Of one request, in milliseconds. */
  readonly timeoutMs: number
  /** Instead of the address in messages: that of a webhook may be a secret by itself. */
  readonly name?: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Throws BAD_CONFIG and IO for settings that can't work. */
export function httpPost({ url, client, timeoutMs, name, now }: PostSettings): HttpPost {
  const headers = { headers: new Map<string, string>(), http_headers: client.http_headers }
  checkHeaders(headers)
  const credentials = authorizer(client, url, now)
  const connections = connectionsTo(url, {
    tls: tlsSettings(client.tls_config),
    proxy: client,
    connections: 1,
  })
  const closing = new AbortController()
  const send = async (body: unknown): Promise<PostOutcome> => {
    const authorization = await credentials.header()
    const answer = await connections.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'POST',
      headers: {
        ...headersOf(headers),
        'content-type': 'application/json',
        'user-agent': `logstream/${VERSION}`,
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]),
    })
    const { statusCode: status } = answer
    const said = (await answer.body.text()).trim().slice(0, 200)
    if (status >= 200 && status < 300) return { ok: true }
    const reason = `status ${status}${said === '' ? '' : `: ${said}`}`
    return { ok: false, final: status >= 400 && status < 500 && status !== 429 && status !== 408, reason }
  }
  return {
    name: name ?? redactUrl(url),
    send: (body) =>
      send(body).catch((error: unknown) => ({ ok: false, final: false, reason: messageOf(error) })),
    close: async () => {
      closing.abort()
      await Promise.all([connections.destroy(), credentials.close()])
    },
  }
}
