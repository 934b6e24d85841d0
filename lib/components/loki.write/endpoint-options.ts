/** The `endpoint` block of `loki.write`: its fields, the settings and the transport made from them. */
import {
  blockWithDefaults,
  duration,
  extension,
  flag,
  integer,
  map,
  optional,
  required,
  size,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import type { Advice } from '../../component/component.ts'
import { blame } from '../../component/origin.ts'
import { LogstreamError } from '../../errors.ts'
import { authorizer } from '../../net/client/auth.ts'
import { clientFields } from '../../net/client/fields.ts'
import { checkHeaders } from '../../net/client/headers.ts'
import { connectionsTo } from '../../net/client/proxy.ts'
import { httpTransport } from '../../loki/push.ts'
import { tlsSettings } from '../../net/client/tls.ts'
import type { EndpointSettings } from '../../delivery/settings.ts'
import { isAddress, PUSH_PATH, withPushPath } from '../../loki/push-path.ts'
import { redactUrl, type Transport } from '../../loki/transport.ts'

const MIB = 1024 * 1024

export const queueFields = {
  capacity: optional(size, 10 * MIB, 'Bytes of lines that may wait to be sent, per shard.'),
  min_shards: optional(
    integer,
    1,
    'Number of shards: streams are spread over them, and each shard sends on its own.',
  ),
  drain_timeout: optional(duration, 15_000, 'How long a stop waits for an endpoint that takes nothing.'),
  block_on_overflow: optional(
    flag,
    true,
    'Waits when the queue is full; else the batch goes to the spool, or is dropped if that is full too.',
  ),
}

export const endpointFields = {
  name: optional(text, '', 'Name in logs; needed to tell endpoints with equal arguments apart.'),
  url: extension(
    required(
      text,
      'Where to push: http(s)://host:3100/loki/api/v1/push, or grpc(s)://host:9095 (an extension). Without a path it gets that of pushes.',
    ),
    (url) => /^grpcs?:/i.test(url),
  ),
  batch_wait: optional(duration, 1000, 'Longest time before a batch is sent.'),
  batch_size: optional(size, MIB, 'Bytes of lines and structured metadata in a batch.'),
  remote_timeout: optional(duration, 10_000, 'Longest time for one push.'),
  headers: optional(map(text), new Map<string, string>(), 'Headers of each push.'),
  min_backoff_period: optional(duration, 500, 'Wait before the first retry.'),
  max_backoff_period: optional(duration, 300_000, 'Longest wait between attempts.'),
  max_backoff_retries: optional(
    integer,
    10,
    'Number of attempts before the batch goes to the spool; 0: no limit.',
  ),
  tenant_id: optional(text, '', 'Tenant of entries without a __tenant_id__ label.'),
  retry_on_http_429: optional(
    flag,
    true,
    'Tries again when Loki limits the rate; otherwise the batch is dropped.',
  ),
  ...clientFields,
  queue_config: blockWithDefaults(queueFields, 'The queue of batches for the endpoint.'),
}

export type EndpointArguments = OptionsOf<typeof endpointFields>

const SCHEMES = ['http:', 'https:', 'grpc:', 'grpcs:']

/** Returns what an endpoint pushes to. Throws BAD_CONFIG, without repeating a password, for a URL that doesn't work. */
export function endpointUrl(endpoint: Pick<EndpointArguments, 'url'>): URL {
  const parsed = URL.canParse(endpoint.url) ? new URL(endpoint.url) : undefined
  if (parsed === undefined || parsed.hostname === '' || !SCHEMES.includes(parsed.protocol)) {
    const message = `endpoint: expected a URL such as http://host:3100${PUSH_PATH}, found ${faultOf(endpoint.url, parsed)}`
    throw blame(new LogstreamError('BAD_CONFIG', message, { option: 'url' }), endpoint)
  }
  return withPushPath(parsed)
}

function faultOf(text: string, parsed: URL | undefined): string {
  if (/^[\w.-]+:\d+(?:\/|$)/.test(text)) return 'one without http:// in front'
  return parsed === undefined ? 'one that cannot be parsed' : `the scheme "${parsed.protocol.slice(0, -1)}"`
}

/** Warns of a URL without a path, since Alloy, unlike this, pushes to "/" then. */
export function adviseUrl(endpoint: EndpointArguments): Advice[] {
  const url = URL.canParse(endpoint.url) ? new URL(endpoint.url) : undefined
  if (url === undefined || !isAddress(url)) return []
  const message = `url has no path: pushes go to ${url.origin}${PUSH_PATH}; write that, since Alloy would push to "/"`
  return [{ options: endpoint, option: 'url', message }]
}

/** What delivery needs to know of an endpoint. */
export function deliverySettings(options: EndpointArguments, url: URL): EndpointSettings {
  const { queue_config: queue } = options
  return {
    name: options.name === '' ? url.host : options.name,
    url: redactUrl(url),
    backoff: { min: options.min_backoff_period, max: options.max_backoff_period },
    maxAttempts: options.max_backoff_retries,
    retrySlowDown: options.retry_on_http_429,
    shards: queue.min_shards,
    capacity: queue.capacity,
    blockOnOverflow: queue.block_on_overflow,
    drainTimeoutMs: queue.drain_timeout,
  }
}

/** Throws BAD_CONFIG or IO for settings that cannot work. */
export function transportFor(options: EndpointArguments, url: URL, now: () => number): Transport {
  checkHeaders(options)
  const tls = tlsSettings(options.tls_config)
  const { headers, http_headers: secretHeaders, remote_timeout: timeout } = options
  if (url.protocol.startsWith('grpc')) {
    const settings = {
      url,
      tls,
      authorizer: authorizer(options, url, now),
      timeout,
      headers,
      secretHeaders,
      proxyFromEnvironment: options.proxy_from_environment,
    }
    // Loading gRPC costs 50 ms of CPU, and few use it.
    return lazyTransport(async () => (await import('../../loki/grpc.ts')).grpcTransport(settings))
  }
  const connections = connectionsTo(url, {
    tls,
    proxy: options,
    connections: Math.max(1, options.queue_config.min_shards),
  })
  return httpTransport({
    url,
    connections,
    authorizer: authorizer(options, url, now),
    timeout,
    headers,
    secretHeaders,
  })
}

function lazyTransport(load: () => Promise<Transport>): Transport {
  let loading: Promise<Transport> | undefined
  const transport = (): Promise<Transport> => (loading ??= load())
  return {
    push: async (body, tenant, signal) => await (await transport()).push(body, tenant, signal),
    close: async () => await (await loading)?.close(),
  }
}
