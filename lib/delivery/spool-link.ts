/** An endpoint's side of its spool: batches become records and back, and a failing disk is a full spool. */
import { messageOf } from '../errors.ts'
import type { Spool, SpoolRecord } from './spool.ts'
import type { Logger } from '../telemetry/log.ts'
import { openBatch, type SealedBatch } from '../loki/batch.ts'

/** Opens the spool on first use; `undefined` where there is no disk. Called once. */
export type SpoolOpener = () => Promise<Spool | undefined>

export class SpoolLink {
  readonly #open: SpoolOpener
  readonly #log: Logger
  #opening: Promise<Spool | undefined> | undefined
  #spool: Spool | undefined

  constructor(open: SpoolOpener, log: Logger) {
    this.#open = open
    this.#log = log
  }

  /** What is in the spool, as far as it is open. */
  get entries(): number {
    return this.#spool?.entries ?? 0
  }

  get bytes(): number {
    return this.#spool?.bytes ?? 0
  }

  get damaged(): number {
    return this.#spool?.damaged ?? 0
  }

  get empty(): boolean {
    return this.#spool?.empty ?? true
  }

  /** Opens it, so that what an earlier process has left is seen. */
  async open(): Promise<Spool | undefined> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#log.error('the spool cannot be opened', { error: messageOf(error) })
      return undefined
    })
    this.#spool = await this.#opening
    return this.#spool
  }

  /** Resolves with how many of the batches, from the first one on, are safe on disk. */
  async append(batches: readonly SealedBatch[], force = false): Promise<number> {
    const spool = await this.open()
    if (spool === undefined) return 0
    try {
      return await spool.append(batches.map(recordOf), force)
    } catch (error) {
      this.#log.error('the spool cannot be written', { folder: spool.folder, error: messageOf(error) })
      return 0
    }
  }

  async head(): Promise<SealedBatch | undefined> {
    return await this.#read((spool) => spool.head())
  }

  async second(): Promise<SealedBatch | undefined> {
    return await this.#read((spool) => spool.second())
  }

  async shift(): Promise<void> {
    await this.#spool?.shift()
  }

  /** Puts the oldest batch behind all others. */
  async rotate(batch: SealedBatch): Promise<void> {
    if ((await this.append([batch], true)) === 1) await this.shift()
  }

  async close(): Promise<void> {
    await (await this.#opening)?.close()
  }

  async #read(what: (spool: Spool) => Promise<SpoolRecord | undefined>): Promise<SealedBatch | undefined> {
    const spool = this.#spool
    if (spool === undefined) return undefined
    const record = await what(spool)
    return record === undefined ? undefined : batchOf(record)
  }
}

function recordOf({ tenant, entries, bytes, bornAt, body }: SealedBatch): SpoolRecord {
  return { tenant, entries, bytes, bornAt, body }
}

function batchOf(record: SpoolRecord): SealedBatch {
  const batch = { ...record, streams: 0, acks: [], replayable: false }
  return { ...batch, streams: new Set(openBatch(batch).map(({ labels }) => labels)).size }
}
