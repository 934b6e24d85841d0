/**
 * Deletes what is too old: entries by their time, then streams without entries. What is past its time isn't found from
 * then on. Its files go when all of their entries are too old; where only streams with a shorter retention are, the file
 * is written anew without them.
 */
import type { Clock, Timer } from '../flow/clock.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Database } from './database.ts'
import type { RetentionRules } from './retention-rules.ts'
import type { Part } from './sealed/manifest.ts'
import type { PartIndexes } from './sealed/part-indexes.ts'
import { rewritePart } from './sealed/rewrite.ts'
import { forgetStreams, removeLongFiles } from './sealed/tidy.ts'
import type { Upkeep } from './sealed/upkeep.ts'
import type { StreamTable } from './stream-table.ts'
import type { StoreWriter } from './writer.ts'

/** How often old entries are deleted. */
const SWEEP_MS = 10 * 60_000

interface Store {
  readonly database: Database
  readonly streams: StreamTable
  readonly writer: StoreWriter
  readonly upkeep: Upkeep
  readonly partIndexes: PartIndexes
  readonly clock: Clock
  readonly log: Logger
}

export class Retention {
  readonly #store: Store
  readonly #rules: RetentionRules
  #timer: Timer | undefined
  #sweeping: Promise<void> | undefined

  constructor(store: Store, rules: RetentionRules) {
    this.#store = store
    this.#rules = rules
    if (rules.any) this.#plan(0)
  }

  #plan(ms: number): void {
    const { clock, log } = this.#store
    this.#timer = clock.after(ms, () => {
      this.#sweeping = this.deleteOld()
        .then(
          () => undefined,
          (error: unknown) => log.error('deleting old entries failed', { error: messageOf(error) }),
        )
        .finally(() => this.#plan(SWEEP_MS))
    })
  }

  /** Deletes what is older than the retention. Returns how many entries that were. */
  async deleteOld(): Promise<number> {
    if (!this.#rules.any) return 0
    const { log } = this.#store
    const deleted = (await this.#deleteSealed()) + (await this.#deleteHot())
    if (deleted === 0) return 0
    await this.#tidy()
    log.info('old entries were deleted', { entries: deleted })
    return deleted
  }

  async #deleteSealed(): Promise<number> {
    const { database, upkeep, partIndexes } = this.#store
    const { cutoff } = this.#rules
    const { parts } = database.files.manifest
    const past = parts.filter(({ to }) => to < cutoff)
    if (past.length > 0) await upkeep.drop(past)
    let deleted = past.reduce((sum, { rows }) => sum + rows, 0)
    if (!this.#rules.byStream) return deleted
    for (const part of parts) {
      if (past.includes(part)) continue
      // When all entries of a stream's kind are too old, so that a file is written anew once for each kind.
      const streams = (await partIndexes.of(part))?.streams ?? []
      const old = streams.filter(({ id }) => part.to < this.#rules.of(id))
      if (old.length > 0) deleted += await this.#cut(part, old, old.length === streams.length)
    }
    return deleted
  }

  async #cut(
    part: Part,
    old: readonly { readonly id: number; readonly rows: number }[],
    isAll: boolean,
  ): Promise<number> {
    const { database, upkeep, partIndexes } = this.#store
    const rows = old.reduce((sum, each) => sum + each.rows, 0)
    if (isAll) await upkeep.drop([part])
    else {
      const keep = `stream_id NOT IN (${old.map(({ id }) => id).join(',')})`
      await rewritePart(part, { keep, rows: part.rows - rows }, database, partIndexes)
    }
    return rows
  }

  async #deleteHot(): Promise<number> {
    const { writer, upkeep, database } = this.#store
    return await writer.exclusive(async (connection) => {
      const index = upkeep.index(database.files.hot)
      if (index === undefined) return 0
      const isOld = [...index.streams].some(([id, { oldest }]) => oldest < this.#rules.of(id))
      if (!isOld) return 0
      const { cutoff, condition } = this.#rules
      const { rowsChanged } = await connection.run(
        `DELETE FROM entries WHERE NOT (ts >= ${cutoff}${condition})`,
      )
      index.cut((id) => this.#rules.of(id), rowsChanged)
      await connection.run('CHECKPOINT')
      return rowsChanged
    })
  }

  async #tidy(): Promise<void> {
    const { database, streams, writer, clock } = this.#store
    await writer.exclusive(async (connection) => {
      await forgetStreams(connection, streams, (id) => this.#rules.of(id), clock.now())
      await removeLongFiles(connection, database)
    })
  }

  async close(): Promise<void> {
    this.#timer?.cancel()
    await this.#sweeping
    this.#timer?.cancel()
  }
}
