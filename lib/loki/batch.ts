/**
 * Groups entries by tenant and stream into push requests. A batch is sealed at `batch_size` or after `batch_wait`, encoded
 * and compressed right away, so that queued batches are small and every retry sends the same bytes.
 */
import type { Ack } from '../flow/ack.ts'
import { AckRuns } from '../flow/ack-runs.ts'
import type { Clock, Timer } from '../flow/clock.ts'
import { emptyColumn, type Columns } from '../flow/columns.ts'
import { Entry } from '../flow/entry.ts'
import { labelGeneration, type LabelSet } from '../flow/labels.ts'
import { dropped } from '../flow/outcome.ts'
import { validLegacyLabelName } from '../telemetry/classic-names.ts'
import type {
  Batcher as DeliveryBatcher,
  BatcherEvents,
  SealedBatch,
  SentEntry,
} from '../delivery/destination.ts'
import { decodePush } from './decode.ts'
import { keptBody } from './kept-bodies.ts'
import { snappy } from './snappy.ts'
import { cellBytes } from './encode-cells.ts'
import { addRowToStream } from './encode-row.ts'
import { addToStream, lineBytes, metadataBytes, PushEncoder } from './encode.ts'
import { pushStream, releaseStream, type PushStream } from './push-stream.ts'

export interface BatcherOptions {
  readonly batchSize: number
  /** Milliseconds. */
  readonly batchWait: number
  /** 0: no limit. */
  readonly maxStreams: number
  readonly tenant: string
  readonly externalLabels: LabelSet
  readonly clock: Clock
}

/** What is kept of a tenant from push to push. */
interface Tenant {
  readonly name: string
  /** By their labels. */
  streams: Map<string, OpenStream>
  /** The one that takes entries. */
  batch: OpenBatch
}

/** A tenant's batch that still takes entries. */
interface OpenBatch {
  readonly tenant: string
  readonly streams: OpenStream[]
  readonly bornAt: number
  timer: Timer | undefined
  entries: number
  bytes: number
  replayable: boolean
  open: boolean
}

/**
 * A stream, kept from push to push: with a label of 50,000 values nearly every entry of a push is of another one. `stream` and
 * `acks` are its own only while its batch is open.
 */
interface OpenStream {
  readonly tenant: Tenant
  readonly labels: string
  readonly labelBytes: number
  batch: OpenBatch
  stream: PushStream
  acks: AckRuns
}

const STREAM_LIMITED = dropped('stream_limited')
// RFC 9110 section 5.5, without tabs.
const HEADER_VALUE = /^[\x20-\x7e\x80-\xff]*$/
export const TENANT_LABEL = '__tenant_id__'
// Milliseconds: Alloy's ticker for batch_wait never runs faster than this.
const SHORTEST_WAIT = 10

/** Streams of a push whose runs are kept for streams of later ones: new ones would be old by the time the push is sealed. */
const MOST_KEPT_RUNS = 16 * 1024
/** Stand for those of a stream that is in no open batch. */
const NO_RUNS = new AckRuns()
const NO_STREAM = pushStream('')
const SEALED: OpenBatch = openBatch('', 0, [])

const encoder = new PushEncoder()

export class Batcher implements DeliveryBatcher {
  readonly #options: BatcherOptions
  readonly #events: BatcherEvents
  readonly #batches = new Set<OpenBatch>()
  readonly #tenants = new Map<string, Tenant>()
  /** Says in a label set that its stream is of now, and here. */
  #found = {}
  #generation = labelGeneration()
  readonly #keptRuns: AckRuns[] = []

  constructor(options: BatcherOptions, events: BatcherEvents) {
    this.#options = options
    this.#events = events
  }

  /** Takes one entry. `ack` is what this endpoint owes for it, not the entry's own where there are several endpoints. */
  add(entry: Entry, ack: Ack): void {
    if (this.#generation !== labelGeneration()) this.#forget()
    const text = lineBytes(entry)
    const metadata = entry.structuredMetadata
    const bytes = metadata.length === 0 ? text : text + metadataBytes(metadata)
    const { labels } = entry
    const open = this.#find(labels)
    if (open === undefined) return this.#refuse(labels, ack, entry)
    if (!this.#fits(open, bytes) && !this.#place(open, ack, bytes)) return
    addToStream(open.stream, entry, text)
    taken(open, ack, bytes)
  }

  /** Takes all rows, which are put into their streams without becoming entries. */
  addColumns(columns: Columns): void {
    if (this.#generation !== labelGeneration()) this.#forget()
    const { sets, set, rows, count, starts, ends, metadata, metadataCells } = columns
    const isPlain = metadata === undefined && metadataCells === undefined
    // What each label set led to: one look-up for many rows.
    const streams = emptyColumn<OpenStream>(sets.length)
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      const text = ends[row]! - starts[row]!
      const bytes = isPlain ? text : text + metadataBytesOf(columns, row)
      const at = set[row]!
      const ack = columns.ackOf(row)
      const open = (streams[at] ??= this.#find(sets[at]!))
      if (open === undefined) {
        this.#refuse(sets[at]!, ack, Entry.ofRow(columns, row))
        continue
      }
      if (!this.#fits(open, bytes) && !this.#place(open, ack, bytes)) continue
      addRowToStream(open.stream, columns, row, text)
      taken(open, ack, bytes)
    }
  }

  /** Closes all open batches now. */
  flush(): void {
    for (const batch of this.#batches) this.#seal(batch)
  }

  get openBytes(): number {
    let bytes = 0
    for (const batch of this.#batches) bytes += batch.bytes
    return bytes
  }

  #fits({ batch }: OpenStream, bytes: number): boolean {
    return batch.open && batch.bytes + bytes <= this.#options.batchSize
  }

  // Puts a stream into a batch with room for an entry. Returns `false` if there can't be one, and the entry is settled.
  #place(open: OpenStream, ack: Ack, bytes: number): boolean {
    const { maxStreams, batchSize } = this.#options
    const { tenant } = open
    const last = tenant.batch
    if (last.entries > 0 && last.bytes + bytes > batchSize) this.#seal(last)
    const { batch } = tenant
    if (!batch.open) open.batch = this.#begin(open)
    else if (open.batch === batch) return true
    else if (maxStreams > 0 && batch.streams.length >= maxStreams) {
      this.#events.limited(tenant.name, bytes)
      ack.settle(STREAM_LIMITED)
      return false
    } else {
      batch.streams.push(open)
      open.batch = batch
    }
    open.stream = pushStream(open.labels, open.labelBytes)
    open.acks = this.#keptRuns.pop() ?? new AckRuns()
    return true
  }

  // What is sent of a label set, to which tenant, and what keeps it from being sent.
  #addressOf(labels: LabelSet): { sent: LabelSet; name: string; fault: string | undefined } {
    const { tenant, externalLabels } = this.#options
    const sent = withExternal(labels, externalLabels)
    const name = sent.get(TENANT_LABEL) ?? tenant
    return { sent, name, fault: faultIn(sent, name) }
  }

  #refuse(labels: LabelSet, ack: Ack, entry: Entry): void {
    const { sent, name, fault = '' } = this.#addressOf(labels)
    const { seconds, nanos, line, structuredMetadata } = entry
    const unsendable = { labels: sent.text, seconds, nanos, line, structuredMetadata }
    this.#events.unsendable(unsendable, name, ack, fault)
  }

  // The stream of a label set, new or not; `undefined` if no push can have it.
  #find(labels: LabelSet): OpenStream | undefined {
    if (labels.foundBy === this.#found) return labels.found as OpenStream
    const open = this.#streamOf(labels)
    if (open === undefined) return undefined
    labels.foundBy = this.#found
    labels.found = open
    return open
  }

  // By its text: sets of an earlier generation, and those that differ in internal labels only, have the same stream.
  #streamOf(labels: LabelSet): OpenStream | undefined {
    const { sent, name, fault } = this.#addressOf(labels)
    if (fault !== undefined) return undefined
    let tenant = this.#tenants.get(name)
    if (tenant === undefined) {
      tenant = { name, streams: new Map<string, OpenStream>(), batch: SEALED }
      this.#tenants.set(name, tenant)
    }
    const { text } = sent
    let open = tenant.streams.get(text)
    if (open === undefined) {
      const labelBytes = Buffer.byteLength(text)
      open = { tenant, labels: text, labelBytes, batch: SEALED, stream: NO_STREAM, acks: NO_RUNS }
      tenant.streams.set(text, open)
    }
    return open
  }

  #begin(first: OpenStream): OpenBatch {
    const { clock, batchWait } = this.#options
    const { tenant } = first
    // An empty array would be one of small integers to V8, which then compiles `addColumns` anew.
    const batch = openBatch(tenant.name, this.#events.born(), [first])
    // V8 takes a field that was never changed for a constant, and compiles `addColumns` anew once it isn't.
    batch.open = true
    batch.timer = clock.after(Math.max(batchWait, SHORTEST_WAIT), () => this.#seal(batch))
    tenant.batch = batch
    this.#batches.add(batch)
    return batch
  }

  #seal(batch: OpenBatch): void {
    if (!batch.open) return
    batch.open = false
    batch.timer?.cancel()
    this.#batches.delete(batch)
    const { tenant: route, bytes, replayable, bornAt } = batch
    const streams: PushStream[] = []
    const acks = new AckRuns()
    for (const open of batch.streams) {
      streams.push(open.stream)
      acks.append(open.acks)
      open.acks.clear()
      if (this.#keptRuns.length < MOST_KEPT_RUNS) this.#keptRuns.push(open.acks)
      open.batch = SEALED
      open.stream = NO_STREAM
      open.acks = NO_RUNS
    }
    batch.streams.length = 0
    if (batch.entries === 0) return
    this.#events.sealed(sealStreams(streams, { route, bytes, acks, replayable, bornAt }))
  }

  // All streams but those of open batches: the label sets of most are forgotten.
  #forget(): void {
    this.#generation = labelGeneration()
    this.#found = {}
    for (const [name, tenant] of this.#tenants) {
      const { open, streams } = tenant.batch
      if (open) tenant.streams = new Map(streams.map((stream) => [stream.labels, stream]))
      else this.#tenants.delete(name)
    }
  }
}

function openBatch(tenant: string, bornAt: number, streams: OpenStream[]): OpenBatch {
  return {
    tenant,
    streams,
    bornAt,
    timer: undefined,
    entries: 0,
    bytes: 0,
    replayable: true,
    open: false,
  }
}

function taken({ acks, batch }: OpenStream, ack: Ack, bytes: number): void {
  acks.push(ack)
  batch.bytes += bytes
  batch.entries++
  if (!ack.replayable) batch.replayable = false
}

function metadataBytesOf({ metadata, metadataCells: cells }: Columns, row: number): number {
  const pairs = metadata?.[row]
  if (pairs !== undefined) return metadataBytes(pairs)
  return cells?.filled[row] === 1 ? cellBytes(cells, row) : 0
}

/** Returns the labels with those of `external` that they don't have. */
export function withExternal(labels: LabelSet, external: LabelSet): LabelSet {
  let sent = labels
  for (let i = 0; i < external.size; i++) {
    const name = external.names[i]!
    if (!sent.has(name)) sent = sent.with(name, external.values[i]!)
  }
  return sent
}

/** Names that can be sent: a set is asked about in each push, and a regular expression takes ten times as long. */
const sendable = new Set<string>()
const MOST_NAMES = 1000

function isSendable(name: string): boolean {
  if (sendable.has(name)) return true
  if (!validLegacyLabelName(name) && !name.startsWith('__')) return false
  if (sendable.size < MOST_NAMES) sendable.add(name)
  return true
}

/** Returns what makes a label set fail every push that it is part of, if anything. */
export function faultIn(labels: LabelSet, tenant: string): string | undefined {
  for (const name of labels.names)
    if (!isSendable(name))
      return `label name ${JSON.stringify(name)}: expected letters, digits and underscores, no digit first`
  if (!HEADER_VALUE.test(tenant))
    return `tenant ${JSON.stringify(tenant)}: expected text that an HTTP header can carry`
  return undefined
}

/** The entries of a batch, in the order of its acknowledgements. Throws only for a body that was not made here. */
export function readBatch(batch: SealedBatch): SentEntry[] {
  const decoded = decodePush(snappy.uncompress(batch.body))
  if (!decoded.ok) throw new Error(`broken invariant: a batch cannot be read back: ${decoded.error}`)
  return decoded.streams.flatMap(({ labels, entries }) => entries.map((entry) => ({ labels, ...entry })))
}

/** The batch of some entries of another one. `entries` are those of `readBatch`, `indexes` rise. */
export function pickEntries(
  batch: SealedBatch,
  entries: readonly SentEntry[],
  indexes: readonly number[],
): SealedBatch {
  const streams: PushStream[] = []
  const all = batch.acks.toArray()
  const acks = new AckRuns()
  let bytes = 0
  for (const i of indexes) {
    const entry = entries[i]!
    let stream = streams.at(-1)
    if (stream?.labels !== entry.labels) streams.push((stream = pushStream(entry.labels)))
    const text = lineBytes(entry)
    addToStream(stream, entry, text)
    bytes += text + metadataBytes(entry.structuredMetadata)
    const ack = all[i]
    if (ack !== undefined) acks.push(ack)
  }
  const { route, replayable, bornAt } = batch
  return sealStreams(streams, { route, bytes, acks, replayable, bornAt })
}

function sealStreams(
  streams: readonly PushStream[],
  rest: Omit<SealedBatch, 'body' | 'entries'>,
): SealedBatch {
  let entries = 0
  const body = keptBody(snappy.compress(encoder.encode(streams)))
  for (const stream of streams) {
    entries += stream.entries
    releaseStream(stream)
  }
  return { ...rest, body, entries }
}
