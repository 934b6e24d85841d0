/** An endpoint's side of its spool: batches become records and back, and a failing disk is a full spool until it works. */
import { diskFailure } from '../disk/disk-failure.ts'
import { AckRuns } from '../flow/ack-runs.ts'
import type { Clock } from '../flow/clock.ts'
import type { Ledger } from '../flow/ledger.ts'
import type { Logger } from '../telemetry/log.ts'
import type { SealedBatch } from './destination.ts'
import type { Spool } from './spool.ts'
import type { SpoolRecord } from './spool-format.ts'
import type { Waiting } from './spool-index.ts'

/** Opens the spool. Rejects when the disk doesn't let it; it may be asked again. */
export type SpoolOpener = () => Promise<Spool>

export interface EndpointSpoolOptions {
  readonly open: SpoolOpener
  readonly clock: Clock
  readonly log: Logger
  readonly ledger: Ledger
}

/** A batch that waits on disk. */
export interface SpooledBatch {
  readonly place: Waiting
  readonly batch: SealedBatch
}

/** Milliseconds after which a disk that failed is tried again. */
const RETRY_MS = 1000

export class EndpointSpool {
  readonly #options: EndpointSpoolOptions
  #opening: Promise<Spool | undefined> | undefined
  #spool: Spool | undefined
  #failedAt = Number.NEGATIVE_INFINITY
  #failure = ''
  #readFailure = ''
  #torn = 0

  constructor(options: EndpointSpoolOptions) {
    this.#options = options
  }

  get entries(): number {
    return this.#spool?.entries ?? 0
  }

  get bytes(): number {
    return this.#spool?.bytes ?? 0
  }

  get damaged(): number {
    return this.#spool?.damaged ?? 0
  }

  /** When the oldest batch in it was born, in milliseconds of Unix time; `undefined` when it's empty. */
  get since(): number | undefined {
    return this.#spool?.peek(() => true)?.bornAt
  }

  get empty(): boolean {
    return this.#spool?.empty ?? true
  }

  /** When the youngest batch in it was born. */
  get youngest(): number {
    return this.#spool?.youngest ?? Number.NEGATIVE_INFINITY
  }

  /** Milliseconds until it is worth trying to write again; 0 while the disk works. */
  get retryInMs(): number {
    return Math.max(0, this.#failedAt + RETRY_MS - this.#options.clock.now())
  }

  /** Why nothing can be written at the moment; '' while the disk works. */
  get failure(): string {
    return this.#failure
  }

  /** The failure of a push, and that of the disk if it didn't take the batch either. */
  failureAfter(push: string | undefined): string | undefined {
    if (this.#failure === '') return push
    return `${push === undefined ? '' : `${push}; `}the spool: ${this.#failure}`
  }

  /** Whether batches of a route wait in it. */
  has(route: string): boolean {
    return this.#spool?.has(route) ?? false
  }

  /** The place of the oldest batch that `accept` takes, as far as the spool is open. */
  peek(accept: (place: Waiting) => boolean): Waiting | undefined {
    return this.#spool?.peek(accept)
  }

  /** Opens it, so that what an earlier process has left is seen. Resolves with `undefined` when the disk fails. */
  async open(): Promise<Spool | undefined> {
    if (this.#spool !== undefined) return this.#spool
    this.#opening ??= this.#tryOpen().finally(() => (this.#opening = undefined))
    return await this.#opening
  }

  /**
   * Resolves with how many of the batches, from the first one on, are safe on disk. `force` writes beyond the bound, and
   * to a disk that has just failed.
   */
  async append(batches: readonly SealedBatch[], force = false): Promise<number> {
    if (!force && this.retryInMs > 0) return 0
    const spool = await this.open()
    if (spool === undefined) return 0
    try {
      const taken = await spool.append(batches.map(recordOf), force)
      this.#works()
      return taken
    } catch (error) {
      this.#fails('the spool cannot be written', error)
      return 0
    }
  }

  /** The oldest batch that `accept` takes; `undefined` without one. A spool that can't be read counts as empty. */
  async oldest(accept?: (place: Waiting) => boolean): Promise<SpooledBatch | undefined> {
    const held = await this.#spool?.oldest(accept).catch((error: unknown) => {
      this.#unreadable(diskFailure(error))
      return undefined
    })
    this.#account()
    if (held === undefined) return undefined
    this.#unreadable('')
    return { place: held.place, batch: batchOf(held.record) }
  }

  /** Takes a batch away: it was delivered, or refused. */
  async take(place: Waiting): Promise<void> {
    await this.#spool?.take(place)
  }

  async close(): Promise<void> {
    await this.#opening
    const { entries } = this
    if (entries > 0) this.#options.log.warn('entries wait in the spool for the next start', { entries })
    await this.#spool?.close()
  }

  async #tryOpen(): Promise<Spool | undefined> {
    try {
      this.#spool = await this.#options.open()
      this.#works()
      this.#options.ledger.note('adopted', this.#spool.found)
      this.#account()
    } catch (error) {
      this.#fails('the spool cannot be opened', error)
    }
    return this.#spool
  }

  #works(): void {
    if (this.#failure !== '') this.#options.log.info('the spool can be written again')
    this.#failure = ''
    this.#failedAt = Number.NEGATIVE_INFINITY
  }

  #fails(what: string, error: unknown): void {
    const reason = diskFailure(error)
    if (reason !== this.#failure) this.#options.log.error(what, { error: reason })
    this.#failure = reason
    this.#failedAt = this.#options.clock.now()
  }

  #unreadable(reason: string): void {
    if (reason !== '' && reason !== this.#readFailure)
      this.#options.log.error('the spool cannot be read', { error: reason })
    this.#readFailure = reason
  }

  #account(): void {
    const torn = this.#spool?.torn ?? 0
    if (torn > this.#torn) this.#options.ledger.note('torn', torn - this.#torn)
    this.#torn = torn
  }
}

function recordOf({ route, entries, bytes, bornAt, body }: SealedBatch): SpoolRecord {
  return { route, entries, bytes, bornAt, body }
}

function batchOf(record: SpoolRecord): SealedBatch {
  return { ...record, acks: new AckRuns(), replayable: false }
}
