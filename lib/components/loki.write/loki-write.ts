/** `loki.write`: entries go to Loki, over HTTP or gRPC, and end exactly once: delivered, spooled, refused or dropped. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { shareAck } from '../../flow/ack.ts'
import type { Batch } from '../../flow/batch.ts'
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { defaultsOf } from '../../component/decode.ts'
import { DeadLetters } from '../../delivery/dead-letters.ts'
import type { FolderLock } from '../../disk/folder-lock.ts'
import { takeSpoolFolder } from '../../delivery/spool-folders.ts'
import { Spool } from '../../delivery/spool.ts'
import { LogstreamError } from '../../errors.ts'
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
import { labelSet } from '../../flow/labels.ts'
import type { DrainResult } from '../../delivery/endpoint-settings.ts'
import { Endpoint } from '../../delivery/endpoint.ts'
import {
  endpointFields,
  endpointUrl,
  queueFields,
  transportFor,
  type EndpointArguments,
} from './endpoint-options.ts'
import { Graveyard } from '../../delivery/graveyard.ts'
import type { SpoolOpener } from '../../delivery/spool-link.ts'
import { redactUrl } from '../../delivery/transport.ts'
import { WriteMetrics } from '../../loki/write-metrics.ts'

/** A sink that can be told that the end is near, which makes it write what it cannot send to disk. */
export interface Drainable {
  /**
   * Call it when a stop begins, before the sources are ended (a source may be waiting for room here). From now on
   * there are `deadlineMs` milliseconds for sending; with an endpoint that fails there are none. Then end the
   * `input` as usual: when it has finished, every acknowledgement is settled.
   */
  drain(deadlineMs: number): void
  /** What the end came to; set when `input` has finished. */
  readonly drained: DrainResult | undefined
}

const GIB = 1024 ** 3
const SPOOL_FOLDER = /^spool(?:-\d+)?$/
const DEAD_LETTERS_FILE = 64 * 1024 ** 2

const fields = {
  endpoint: blocks(endpointFields, 'Where to push; every endpoint gets all entries.'),
  external_labels: optional(
    map(text),
    new Map<string, string>(),
    'Labels added where the entry does not have them.',
  ),
  max_streams: optional(
    integer,
    0,
    'Most streams in one batch; entries of further ones are dropped. 0: no limit.',
  ),
  wal: block(
    {
      enabled: optional(flag, false, 'Taken as in Alloy.'),
      max_segment_age: optional(duration, 3_600_000, 'Taken as in Alloy.'),
      min_read_frequency: optional(duration, 250, 'Taken as in Alloy.'),
      max_read_frequency: optional(duration, 1000, 'Taken as in Alloy.'),
      drain_timeout: optional(duration, 15_000, 'Taken as in Alloy.'),
    },
    'The write-ahead log of Alloy.',
  ),
  spool: extension(
    blockWithDefaults(
      {
        max_size: optional(size, GIB, 'Most bytes on disk for batches that wait, shared by the endpoints.'),
        max_dead_letters_size: optional(size, GIB / 4, 'Most bytes on disk for entries that Loki refused.'),
      },
      'What is kept on disk (an extension; Alloy has no such block).',
    ),
  ),
}

export const lokiWrite = defineComponent({
  name: 'loki.write',
  summary: 'Sends entries to Loki over HTTP, or gRPC for grpc:// URLs.',
  fields,
  stability: 'generally-available',
  exports: { receiver: 'Takes entries to be sent.' },
  create: (options, ctx) => createWrite(options, ctx),
})

type WriteOptions = OptionsOf<typeof fields>

/** Builds the component. `random` (0 to 1) makes the jitter of retries. */
export function createWrite(
  options: WriteOptions,
  ctx: ComponentContext,
  random: () => number = Math.random,
): Component<WriteOptions> & Drainable {
  checkOptions(options, ctx)
  const disk = ctx.dataDir === undefined ? undefined : openDisk(ctx.dataDir, options, ctx)
  const metrics = ctx.metrics.with({})
  const broken = (error: unknown): void => {
    input.destroy(error instanceof Error ? error : new Error(String(error)))
  }
  const endpoints = options.endpoint.map((each, i) => {
    const key = each.name === '' ? String(i) : each.name
    return makeEndpoint(each, key, { options, ctx: { ...ctx, metrics }, disk, random, broken })
  })
  metrics.gauge('logstream_spool_bytes', 'Bytes on disk of batches that wait to be sent.', () =>
    endpoints.reduce((sum, { link }) => sum + (link?.bytes ?? 0), 0),
  )
  metrics.gauge('logstream_spool_entries', 'Entries on disk that wait to be sent.', () =>
    endpoints.reduce((sum, { link }) => sum + (link?.entries ?? 0), 0),
  )
  metrics.collect(
    'logstream_spool_damaged_files_total',
    'counter',
    'Damaged spool files that were set aside.',
    () => [{ labels: {}, value: endpoints.reduce((sum, { link }) => sum + (link?.damaged ?? 0), 0) }],
  )
  let drained: DrainResult | undefined
  const input = writeInput(endpoints, (result) => (drained = result))
  const close = async (): Promise<void> => {
    await Promise.all(endpoints.map((endpoint) => endpoint.close()))
    await disk?.close()
    metrics.close()
  }
  return {
    input,
    start: async () => {
      // Only what is there already: the folder is made when it is first needed.
      if (disk?.used() === true) await Promise.all(endpoints.map((endpoint) => endpoint.start()))
    },
    drain: (deadlineMs) => {
      for (const endpoint of endpoints) endpoint.hurry(deadlineMs)
    },
    get drained() {
      return drained
    },
    close,
    kept: () => endpoints.reduce((sum, { link }) => sum + (link?.entries ?? 0), 0),
    update: () => false,
    status: () => ({ endpoints: endpoints.map((endpoint) => endpoint.status()) }),
  }
}

function writeInput(endpoints: readonly Endpoint[], drained: (result: DrainResult) => void): Writable {
  return new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: (batch: Batch, _encoding, done) => {
      const wait = takeBatch(batch, endpoints)
      if (wait === undefined) done()
      else void wait.then(() => done())
    },
    final: (done) => {
      void finishAll(endpoints).then((result) => {
        drained(result)
        done(result.undelivered === 0 ? null : undeliverable(result.undelivered))
      }, done)
    },
  })
}

function takeBatch(batch: Batch, endpoints: readonly Endpoint[]): Promise<unknown> | undefined {
  const entries = batch.take()
  if (endpoints.length === 1) {
    const [endpoint] = endpoints as [Endpoint]
    for (const entry of entries) endpoint.add(entry, entry.ack)
    return endpoint.room()
  }
  for (const entry of entries) {
    const ack = shareAck(entry.ack, endpoints.length)
    for (const endpoint of endpoints) endpoint.add(entry, ack)
  }
  const waits = endpoints.map((endpoint) => endpoint.room()).filter((wait) => wait !== undefined)
  return waits.length === 0 ? undefined : Promise.all(waits)
}

async function finishAll(endpoints: readonly Endpoint[]): Promise<DrainResult> {
  const results = await Promise.all(endpoints.map((endpoint) => endpoint.finish()))
  return {
    spooled: results.reduce((sum, { spooled }) => sum + spooled, 0),
    undelivered: results.reduce((sum, { undelivered }) => sum + undelivered, 0),
  }
}

function undeliverable(entries: number): LogstreamError {
  return new LogstreamError(
    'DELIVERY',
    `${entries} entries could neither be sent nor saved: see the log for the endpoint's answers`,
  )
}

interface Disk {
  /** Whether an earlier process has spooled something here. */
  used(): boolean
  spoolFor(key: string): SpoolOpener
  readonly letters: DeadLetters
  close(): Promise<void>
}

function openDisk(dataDir: string, options: WriteOptions, ctx: ComponentContext): Disk {
  const folder = join(dataDir, 'spool')
  const { max_size: maxSize, max_dead_letters_size: maxLetters } = options.spool
  let lock: Promise<FolderLock | undefined> | undefined
  const letters = new DeadLetters({
    folder: join(dataDir, 'dead-letters'),
    maxBytes: maxLetters,
    maxFileBytes: DEAD_LETTERS_FILE,
  })
  return {
    letters,
    used: () => existsSync(dataDir) && readdirSync(dataDir).some((name) => SPOOL_FOLDER.test(name)),
    spoolFor: (key) => async () => {
      lock ??= takeSpoolFolder(folder)
      const held = await lock
      if (held === undefined)
        throw new LogstreamError(
          'IO',
          `"${folder}" and all like it are used by other processes: end some of them`,
        )
      const maxBytes = maxSize / options.endpoint.length
      return await Spool.open({ folder: join(held.folder, fileName(key)), maxBytes, log: ctx.log })
    },
    close: async () => {
      await letters.close()
      await (await lock?.catch(() => undefined))?.release()
    },
  }
}

// Names of endpoints are free text.
function fileName(key: string): string {
  return encodeURIComponent(key).replaceAll('.', '%2E')
}

interface Parts {
  readonly options: WriteOptions
  readonly ctx: ComponentContext
  readonly disk: Disk | undefined
  readonly random: () => number
  readonly broken: (error: unknown) => void
}

function makeEndpoint(each: EndpointArguments, key: string, parts: Parts): Endpoint {
  const { options, ctx, disk, random, broken } = parts
  const { queue_config: queue } = each
  const url = endpointUrl(each.url)
  const metrics = new WriteMetrics(ctx.metrics, url.host)
  const name = each.name === '' ? url.host : each.name
  return new Endpoint({
    name,
    url: redactUrl(url),
    transport: transportFor(each, url, () => ctx.clock.now()),
    batchSize: each.batch_size,
    batchWait: each.batch_wait,
    maxStreams: options.max_streams,
    tenant: each.tenant_id,
    externalLabels: labelSet(options.external_labels),
    backoff: { min: each.min_backoff_period, max: each.max_backoff_period },
    maxAttempts: each.max_backoff_retries,
    retryOn429: each.retry_on_http_429,
    random,
    shards: queue.min_shards,
    capacity: queue.capacity,
    blockOnOverflow: queue.block_on_overflow,
    drainTimeout: queue.drain_timeout,
    spool: disk?.spoolFor(key),
    graveyard: new Graveyard({
      component: ctx.id,
      endpoint: name,
      letters: disk?.letters,
      clock: ctx.clock,
      log: ctx.log,
      buried: ctx.metrics.counters(
        'logstream_dead_letters_total',
        'Entries that Loki refused for good.',
        'reason',
      ),
      lost: (tenant, entries, bytes) => metrics.dropped(tenant, 'ingester_error', entries, bytes),
    }),
    metrics,
    clock: ctx.clock,
    log: ctx.log,
    broken,
  })
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
