/** `loki.write`: sends entries to Loki over HTTP or gRPC. What delivery does for it is in lib/delivery. */
import { createHash } from 'node:crypto'
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { defaultsOf } from '../../component/decode.ts'
import {
  block,
  blocks,
  blockWithDefaults,
  duration,
  extension,
  flag,
  integer,
  map,
  optional,
  size,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { sinkComponent, type EndpointPlan } from '../../delivery/sink.ts'
import type { SpoolOwner } from '../../delivery/spool-folders.ts'
import { LogstreamError } from '../../errors.ts'
import { labelSet } from '../../flow/labels.ts'
import { lokiDestination } from '../../loki/destination.ts'
import { WriteMetrics } from '../../loki/write-metrics.ts'
import {
  adviseUrl,
  deliverySettings,
  endpointFields,
  endpointUrl,
  queueFields,
  transportFor,
  type EndpointArguments,
} from './endpoint-options.ts'

const GIB = 1024 ** 3

const fields = {
  endpoint: blocks(endpointFields, 'Where to push; every endpoint gets all entries.'),
  external_labels: optional(
    map(text),
    new Map<string, string>(),
    'Labels for entries that do not have them.',
  ),
  max_streams: optional(
    integer,
    0,
    'Most streams in one batch; entries of more streams are dropped. 0: no limit.',
  ),
  wal: block(
    {
      enabled: optional(flag, false, 'Accepted for Alloy configs; has no effect.'),
      max_segment_age: optional(duration, 3_600_000, 'Accepted for Alloy configs; has no effect.'),
      min_read_frequency: optional(duration, 250, 'Accepted for Alloy configs; has no effect.'),
      max_read_frequency: optional(duration, 1000, 'Accepted for Alloy configs; has no effect.'),
      drain_timeout: optional(duration, 15_000, 'Accepted for Alloy configs; has no effect.'),
    },
    "Alloy's write-ahead log.",
  ),
  spool: extension(
    blockWithDefaults(
      {
        max_size: optional(size, GIB, 'Most bytes on disk for batches that wait; the endpoints share them.'),
        max_dead_letters_size: optional(
          size,
          GIB / 4,
          'Most bytes on disk for entries that Loki refused for good.',
        ),
      },
      'What is kept on disk (an extension of logstream).',
    ),
  ),
}

export const lokiWrite = defineComponent({
  name: 'loki.write',
  summary: 'Sends entries to Loki over HTTP, or gRPC for grpc:// URLs.',
  fields,
  stability: 'generally-available',
  exports: { receiver: 'Takes entries to be sent.' },
  advise: ({ endpoint }) => endpoint.flatMap(adviseUrl),
  create: (options, ctx) => createWrite(options, ctx),
})

export type WriteOptions = OptionsOf<typeof fields>

/** Builds the component. `random` returns 0 to 1: the jitter of retries. */
export function createWrite(
  options: WriteOptions,
  ctx: ComponentContext,
  random: () => number = Math.random,
): Component<WriteOptions> {
  checkOptions(options, ctx)
  const metrics = ctx.metrics.with({})
  const owners = ownersOf(options.endpoint)
  const endpoints = options.endpoint.map((each, i): EndpointPlan => {
    const url = endpointUrl(each)
    const now = (): number => ctx.clock.now()
    return {
      settings: deliverySettings(each, url),
      destination: lokiDestination(transportFor(each, url, now), {
        batchSize: each.batch_size,
        batchWait: each.batch_wait,
        maxStreams: options.max_streams,
        tenant: each.tenant_id,
        externalLabels: labelSet(options.external_labels),
        clock: ctx.clock,
      }),
      metrics: new WriteMetrics(metrics, url.host),
      owner: owners[i]!,
    }
  })
  const { max_size: maxSpoolBytes, max_dead_letters_size: maxDeadLettersBytes } = options.spool
  return sinkComponent({ endpoints, maxSpoolBytes, maxDeadLettersBytes, random }, { ...ctx, metrics })
}

/** What tells the spools of endpoints apart: the URL they push to, and the user they push as. */
function ownersOf(endpoints: readonly EndpointArguments[]): SpoolOwner[] {
  const owners: SpoolOwner[] = []
  endpoints.forEach((each, i) => {
    const url = endpointUrl(each)
    const bare = new URL(url)
    const user = each.basic_auth?.username ?? url.username
    bare.username = ''
    bare.password = ''
    const hash = createHash('sha256').update(`${user}\n${bare.href}`).digest('hex').slice(0, 8)
    const key = `${url.host.replace(/[^a-z0-9.-]/gi, '_')}-${hash}`
    // Two endpoints may differ in something else, say in their headers.
    const twin = owners.some((other) => other.key === key)
    owners.push({
      key: twin ? `${key}-${fileName(each.name === '' ? String(i) : each.name)}` : key,
      endpoint: fileName(each.name === '' ? String(i) : each.name),
      title: user === '' ? bare.href : `${bare.href} as ${user}`,
    })
  })
  return owners
}

// Names of endpoints are free text.
function fileName(key: string): string {
  return encodeURIComponent(key).replaceAll('.', '%2E')
}

function checkOptions(options: WriteOptions, ctx: ComponentContext): void {
  const { endpoint: endpoints, wal } = options
  if (endpoints.length === 0)
    throw new LogstreamError('BAD_CONFIG', 'loki.write has no endpoint: add endpoint { url = "..." }')
  const seen = new Set<string>()
  for (const each of endpoints) {
    const identity = each.name === '' ? JSON.stringify(each, keepMaps) : each.name
    if (seen.has(identity))
      throw new LogstreamError(
        'BAD_CONFIG',
        each.name === ''
          ? 'two endpoints are equal: remove one, or give each a name'
          : `two endpoints have the name "${each.name}": each needs its own`,
      )
    seen.add(identity)
    if (ctx.stability !== 'experimental' && JSON.stringify(each.queue_config) !== DEFAULT_QUEUE)
      throw new LogstreamError(
        'BAD_CONFIG',
        'queue_config is experimental: leave it at its defaults or run with --stability.level=experimental',
      )
  }
  if (wal?.enabled === true && ctx.stability !== 'experimental')
    throw new LogstreamError(
      'BAD_CONFIG',
      'wal is experimental: leave it out or run with --stability.level=experimental',
      { option: 'wal' },
    )
}

const DEFAULT_QUEUE = JSON.stringify(defaultsOf(queueFields))

function keepMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...(value as Map<string, unknown>)] : value
}
