/**
 * A sink, complete but for its destinations: takes batches, hands every entry to every endpoint, and ends when all
 * entries have ended. One endpoint that is slow or dead stalls only itself.
 */
import { Writable } from 'node:stream'
import type { Component, Context, Health } from '../component/component.ts'
import { LogstreamError } from '../errors.ts'
import { shareAck } from '../flow/ack.ts'
import type { Batch } from '../flow/batch.ts'
import { DeadLetterFiler } from './dead-letter-filer.ts'
import type { DeliveryMetrics, Destination } from './destination.ts'
import { DeliveryDisk } from './disk.ts'
import { Endpoint } from './endpoint.ts'
import type { DrainResult, EndpointSettings } from './settings.ts'
import type { SpoolOwner } from './spool-folders.ts'
import { plural } from '../formats/plural.ts'

/** One endpoint as a sink's config describes it. */
export interface EndpointPlan {
  readonly settings: EndpointSettings
  readonly destination: Destination
  readonly metrics: DeliveryMetrics
  readonly owner: SpoolOwner
}

export interface SinkOptions {
  readonly endpoints: readonly EndpointPlan[]
  readonly maxSpoolBytes: number
  readonly maxDeadLettersBytes: number
  /** Returns 0 to 1: the jitter of retries. */
  readonly random: () => number
}

/** The parts of a component that a sink is made of. */
export type Sink = Pick<Component, 'input' | 'start' | 'drain' | 'close' | 'kept' | 'health' | 'status'> & {
  readonly input: Writable
}

/** Builds a sink. Without a data folder nothing is written to disk, and failing endpoints are tried for ever. */
export function deliverySink(options: SinkOptions, ctx: Context): Sink {
  const metrics = ctx.metrics.with({})
  const disk = diskFor(options, ctx)
  const onBroken = (error: unknown): void => {
    input.destroy(error instanceof Error ? error : new Error(String(error)))
  }
  const filed = metrics.counters(
    'logstream_dead_letters_total',
    'Entries that were refused for good and are kept.',
    'reason',
  )
  const endpoints = options.endpoints.map(
    ({ settings, destination, metrics: own, owner }) =>
      new Endpoint({
        settings,
        destination,
        metrics: own,
        spool: disk?.openerOf(owner),
        filer: new DeadLetterFiler({
          component: ctx.id,
          endpoint: settings.name,
          letters: disk?.letters,
          nameOf: (answer) => destination.refusalName(answer),
          clock: ctx.clock,
          log: ctx.log,
          filed,
          onUnsaved: (route, bytes, spooled) => {
            own.dropped(route, 'unsaved_refusal', 1, bytes)
            if (spooled) ctx.ledger.note('unsaved', 1)
          },
        }),
        ledger: ctx.ledger,
        clock: ctx.clock,
        log: ctx.log,
        random: options.random,
        onBroken,
        keepsRunning: ctx.keepsRunning ?? true,
      }),
  )
  const sum = (of: (spool: NonNullable<Endpoint['spool']>) => number): number =>
    endpoints.reduce((total, { spool }) => total + (spool === undefined ? 0 : of(spool)), 0)
  metrics.gauge('logstream_spool_bytes', 'Bytes on disk of batches that wait to be sent.', () =>
    sum(({ bytes }) => bytes),
  )
  metrics.gauge('logstream_spool_entries', 'Entries on disk that wait to be sent.', () =>
    sum(({ entries }) => entries),
  )
  metrics.collect(
    'logstream_spool_damaged_files_total',
    'counter',
    'Damaged spool files that were set aside.',
    () => [{ labels: {}, value: sum(({ damaged }) => damaged) }],
  )
  const input = inputOf(endpoints)
  return {
    input,
    start: async () => {
      // Only what is there already: the folder is made when it is first needed.
      if (disk?.used === true) await Promise.all(endpoints.map((endpoint) => endpoint.start()))
    },
    drain: (deadlineMs) => {
      for (const endpoint of endpoints) endpoint.drain(deadlineMs)
    },
    close: async () => {
      await Promise.all(endpoints.map((endpoint) => endpoint.close()))
      await disk?.close()
      metrics.close()
    },
    kept: () => sum(({ entries }) => entries),
    health: () => healthOf(endpoints),
    status: () => ({ endpoints: endpoints.map((endpoint) => endpoint.status()) }),
  }
}

/** The sink as a component, with metrics of its own in `ctx`, which end with it. Other arguments make another one. */
export function sinkComponent(options: SinkOptions, ctx: Context): Component {
  const sink = deliverySink(options, ctx)
  return {
    ...sink,
    update: () => false,
    close: async () => {
      await sink.close?.()
      ctx.metrics.close()
    },
  }
}

// One endpoint that takes nothing is enough: its share of the entries waits on disk, or holds up the rest.
function healthOf(endpoints: readonly Endpoint[]): Health {
  const messages = endpoints
    .map(({ condition }) => condition.health)
    .filter(({ state }) => state === 'unhealthy')
  return messages.length === 0
    ? { state: 'healthy', message: '' }
    : { state: 'unhealthy', message: messages.map(({ message }) => message).join('; ') }
}

function diskFor(
  { endpoints, maxSpoolBytes, maxDeadLettersBytes }: SinkOptions,
  { dataDir, sharedStorage: shared = false, log }: Context,
): DeliveryDisk | undefined {
  if (dataDir === undefined) return undefined
  const owners = endpoints.map(({ owner }) => owner)
  return new DeliveryDisk({ dataDir, owners, maxSpoolBytes, maxDeadLettersBytes, shared, log })
}

function inputOf(endpoints: readonly Endpoint[]): Writable {
  return new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: (batch: Batch, _encoding, done) => {
      const wait = takeBatch(batch, endpoints)
      if (wait === undefined) done()
      else void wait.then(() => done())
    },
    final: (done) => {
      void Promise.all(endpoints.map((endpoint) => endpoint.stop())).then(
        (results) => done(failureOf(results)),
        done,
      )
    },
  })
}

function takeBatch(batch: Batch, endpoints: readonly Endpoint[]): Promise<unknown> | undefined {
  if (endpoints.length === 1) {
    const [endpoint] = endpoints as [Endpoint]
    const columns = batch.takeColumns()
    if (columns !== undefined) {
      endpoint.addColumns(columns)
      if (batch.isHandedOver) columns.release()
    } else for (const entry of batch.take()) endpoint.add(entry, entry.ack)
    return endpoint.room()
  }
  for (const entry of batch.take()) {
    const ack = shareAck(entry.ack, endpoints.length)
    for (const endpoint of endpoints) endpoint.add(entry, ack)
  }
  const waits = endpoints.map((endpoint) => endpoint.room()).filter((wait) => wait !== undefined)
  return waits.length === 0 ? undefined : Promise.all(waits)
}

function failureOf(results: readonly DrainResult[]): LogstreamError | null {
  const undelivered = results.reduce((sum, each) => sum + each.undelivered, 0)
  if (undelivered === 0) return null
  const failures = results.flatMap(({ lastFailure }) => lastFailure ?? [])
  return new LogstreamError(
    'DELIVERY',
    `${plural(undelivered, 'entry', 'entries')} could neither be sent nor saved${failures.length === 0 ? '' : `; ${failures.join('; ')}`}`,
    { cause: failures.length === 0 ? undefined : new Error(failures.join('; ')) },
  )
}
