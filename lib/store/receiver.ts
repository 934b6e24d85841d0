/** The input of `loki.store`: batches from the pipeline go into the store, and entries are settled once they're on disk. */
import { Writable } from 'node:stream'
import type { Ack } from '../flow/ack.ts'
import type { Batch } from '../flow/batch.ts'
import type { Clock } from '../flow/clock.ts'
import type { Entry } from '../flow/entry.ts'
import { Warnings } from '../intake/warnings.ts'
import { LogstreamError, messageOf } from '../errors.ts'
import { labelSet, type LabelSet } from '../flow/labels.ts'
import { DELIVERED, dropped } from '../flow/outcome.ts'
import type { Logger } from '../telemetry/log.ts'
import { normalMetadata } from '../loki/metadata-names.ts'
import type { PushCounts } from './push/store-push.ts'
import { emptyParcel, type Parcel } from './rows.ts'
import type { LogStore } from './store.ts'
import type { StreamRecord } from './stream-table.ts'
import { plural } from '../formats/plural.ts'

/** How long after a failed commit (a full disk, say) the rows are tried again. */
const RETRY_MS = 1000
/** How many label sets are remembered with their streams before the map is cleared. */
const KNOWN_SETS = 50_000

export interface ReceiverOptions {
  /** The store, when it is open. */
  readonly store: Promise<LogStore>
  readonly counts: PushCounts
  readonly log: Logger
  readonly clock: Clock
}

/** A Writable of batches. It finishes when everything is stored, and fails if the store never opens. */
export function storeInput(options: ReceiverOptions): Writable {
  const { store } = options
  const sink = new StoreSink(options)
  return new Writable({
    objectMode: true,
    highWaterMark: 1,
    write: (batch: Batch, _encoding, done) => {
      if (sink.store !== undefined) {
        takeInto(sink, sink.store, batch, done)
        return
      }
      store.then(
        (opened) => {
          sink.store = opened
          takeInto(sink, opened, batch, done)
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      )
    },
    final: (done) => {
      sink.finish().then((lost) => done(lost === 0 ? null : undeliverable(lost)), done)
    },
    destroy: (error, done) => {
      sink.giveUp()
      done(error)
    },
  })
}

function takeInto(sink: StoreSink, store: LogStore, batch: Batch, done: () => void): void {
  sink.take(store, batch.take())
  const room = store.writer.room()
  if (room === undefined) done()
  else void room.then(done)
}

function undeliverable(entries: number): LogstreamError {
  return new LogstreamError(
    'DELIVERY',
    `${plural(entries, 'entry', 'entries')} could not be stored: see the log for the reason`,
  )
}

class StoreSink {
  store: LogStore | undefined
  readonly #counts: PushCounts
  readonly #log: Logger
  readonly #warnings: Warnings
  readonly #known = new Map<string, StreamRecord>()
  #open = 0
  #lost = 0
  #ending = false
  #ended: (() => void) | undefined

  constructor({ counts, log, clock }: ReceiverOptions) {
    this.#counts = counts
    this.#log = log
    this.#warnings = new Warnings(log, clock)
  }

  take(store: LogStore, entries: readonly Entry[]): void {
    const acks: Ack[] = []
    const parcel: Parcel = emptyParcel((error) => this.#settled(store, parcel, acks, error))
    const now = store.writer.now()
    let bytes = 0
    for (const entry of entries) {
      bytes += entry.line.length
      const refused = this.#put(store, parcel, entry, now)
      if (refused === undefined) acks.push(entry.ack)
      else this.#refuse(entry, refused)
    }
    this.#counts.received(entries.length, bytes)
    this.#open++
    store.writer.add(parcel)
  }

  #put(store: LogStore, parcel: Parcel, entry: Entry, now: number): string | undefined {
    const stream = this.#streamOf(store, entry.labels, now)
    if (typeof stream === 'string') return stream
    if (entry.structuredMetadata.length > 0) {
      const normal = normalMetadata(entry.structuredMetadata)
      if (!normal.ok) return 'invalid_structured_metadata'
      entry.structuredMetadata = normal.metadata
    }
    return store.put(parcel, stream, entry, now)?.reason
  }

  // The stream, or the reason why there is none.
  #streamOf(store: LogStore, labels: LabelSet, now: number): StreamRecord | string {
    const known = this.#known.get(labels.key)
    if (known !== undefined && store.streams.byId(known.id) === known) {
      known.usedAt = now
      return known
    }
    const answer = store.stream(visible(labels))
    if (!answer.ok) return answer.refusal.reason
    if (this.#known.size >= KNOWN_SETS) this.#known.clear()
    this.#known.set(labels.key, answer.stream)
    return answer.stream
  }

  #refuse(entry: Entry, reason: string): void {
    this.#counts.discarded(reason, 1, entry.line.length)
    entry.ack.settle(dropped(reason))
  }

  #settled(store: LogStore, parcel: Parcel, acks: readonly Ack[], error: Error | undefined): void {
    if (error === undefined) {
      for (const ack of acks) ack.settle(DELIVERED)
      this.#close()
      return
    }
    const fields = { entries: acks.length, error: messageOf(error) }
    if (this.#ending) {
      this.#log.error('entries could not be stored', fields)
      // They stay unsettled, so a source that can reads them again.
      this.#lost += acks.length
      this.#close()
    } else {
      this.#warnings.warn('waiting', 'entries could not be stored; they are tried again each second', fields)
      setTimeout(() => store.writer.add(parcel), RETRY_MS)
    }
  }

  #close(): void {
    this.#open--
    if (this.#open === 0) this.#ended?.()
  }

  /** Resolves when everything has ended, with how many entries could not be stored. */
  async finish(): Promise<number> {
    this.#ending = true
    if (this.#open > 0) await new Promise<void>((resolve) => (this.#ended = resolve))
    return this.#lost
  }

  giveUp(): void {
    this.#ending = true
  }
}

// Labels that begin with two underscores are for the pipeline only.
function visible(labels: LabelSet): LabelSet {
  const hidden = labels.names.some((name, i) => name.startsWith('__') || labels.values[i] === '')
  if (!hidden) return labels
  return labelSet(labels.entries().filter(([name, value]) => !name.startsWith('__') && value !== ''))
}
