/**
 * Deletes what was asked for: queries leave it out at once; after a period in which the request can be cancelled, sealed
 * files are written anew without it.
 */
import type { Clock, Timer } from '../../flow/clock.ts'
import { messageOf } from '../../errors.ts'
import { compileLineFilter } from '../../logql/stages/filter.ts'
import type { Logger } from '../../telemetry/log.ts'
import { literal, type Database } from '../database.ts'
import { IS_LONG } from '../long-texts.ts'
import type { Manifest, Part } from '../sealed/manifest.ts'
import type { PartIndexes } from '../sealed/part-indexes.ts'
import { rewritePart } from '../sealed/rewrite.ts'
import { parquetOf, rowsOf, filesOf, type Span } from '../sealed/source.ts'
import { removeLongFiles } from '../sealed/tidy.ts'
import type { Upkeep } from '../sealed/upkeep.ts'
import { isWhole } from '../sealed/verify.ts'
import type { StreamTable } from '../stream-table.ts'
import type { StoreWriter } from '../writer.ts'
import type { DeleteRequest } from './delete-request.ts'
import type { RequestList } from './request-list.ts'
import { spanOf, targetSql, type TargetSql } from './target-sql.ts'

/** Loki's `deletion_mode`: whether requests are taken, only hide entries, or delete them from the disk as well. */
export const DELETION_MODES = ['disabled', 'filter-only', 'filter-and-delete'] as const
export type DeletionMode = (typeof DELETION_MODES)[number]

/** How long after a failure a request is tried again. */
const RETRY_MS = 60_000

export interface DeletionOptions {
  readonly deletionMode: DeletionMode
  /** Milliseconds after its creation for which a request can be cancelled. */
  readonly deleteRequestCancelPeriod: number
}

interface Store {
  readonly database: Database
  readonly streams: StreamTable
  readonly writer: StoreWriter
  readonly upkeep: Upkeep
  readonly partIndexes: PartIndexes
  readonly clock: Clock
  readonly log: Logger
}

export class Deletions {
  readonly requests: RequestList
  readonly options: DeletionOptions
  readonly #store: Store
  /** Conditions on long lines by request, and the files that they were read from. */
  readonly #long = new Map<string, { readonly manifest: Manifest; readonly sql: string }>()
  readonly #stop = new AbortController()
  #timer: Timer | undefined
  #running: Promise<void> | undefined
  #retryAt = 0

  constructor(store: Store, requests: RequestList, options: DeletionOptions) {
    this.#store = store
    this.requests = requests
    this.options = options
    this.#plan()
  }

  /** Takes a request; resolves with it when it is on disk. */
  async add(request: Pick<DeleteRequest, 'query' | 'from' | 'to'>): Promise<DeleteRequest> {
    const added = await this.requests.add({ ...request, createdAt: this.#store.clock.now() })
    const { id, query, from, to } = added
    this.#store.log.info('entries are to be deleted', { id, query, from: iso(from), to: iso(to) })
    this.#plan()
    return added
  }

  async cancel(request: DeleteRequest): Promise<void> {
    await this.requests.remove(request.id)
    this.#long.delete(request.id)
    this.#store.log.info('a delete request was cancelled', { id: request.id, query: request.query })
  }

  /** Whether queries leave out entries of a span, inclusive at both ends. */
  touches(from: bigint, to: bigint): boolean {
    return this.#hiding.some((request) => {
      const span = spanOf(request)
      return span.from <= to && span.to > from
    })
  }

  /** SQL on stream_id, ts and line for what queries may show; starts with AND, empty when that is everything. */
  async shown(span: Span): Promise<string> {
    let sql = ''
    for (const request of this.#hiding) {
      const { from, to } = spanOf(request)
      if (from >= span.to || to <= span.from) continue
      const condition = await this.#conditionOf(request)
      if (condition !== undefined) sql += ` AND NOT (${condition})`
    }
    return sql
  }

  get #hiding(): readonly DeleteRequest[] {
    return this.options.deletionMode === 'disabled' ? [] : this.requests.pending
  }

  async #conditionOf(request: DeleteRequest): Promise<string | undefined> {
    const target = targetSql(request, this.#store.streams)
    if (target === undefined) return undefined
    if (target.filters.length === 0) return target.rows
    const long = await this.#longLines(request, target)
    return long === '' ? target.short : `(${target.short}) OR (${target.rows} AND ${long})`
  }

  // Long lines aren't in the database: those that pass are named. Late ones are seen when the next file is sealed.
  async #longLines({ id }: DeleteRequest, { span, rows, filters }: TargetSql): Promise<string> {
    const { database } = this.#store
    if (!database.long.any) return ''
    const pinned = database.files.pin()
    try {
      const { manifest } = pinned
      const known = this.#long.get(id)
      if (known?.manifest === manifest) return known.sql
      const tests = filters.map((filter) => compileLineFilter(filter))
      const choice = filesOf(manifest, span)
      // Nothing else refers to a long line.
      const files = { ...choice, parts: choice.parts.filter(({ long }) => long.length > 0) }
      const table = rowsOf(database.path, files, `${rows} AND ${IS_LONG}`, 'line')
      const passing = await database.files.holding(files.parts, undefined, async () => {
        const found = await database.use((connection) =>
          connection.runAndReadAll(`SELECT DISTINCT line FROM ${table}`),
        )
        return (found.getRows() as [string][]).filter(([column]) => {
          const line = database.long.text(column)
          return tests.every((test) => test(line))
        })
      })
      const names = passing.map(([column]) => literal(column))
      const sql = names.length === 0 ? '' : `line IN (${names.join(',')})`
      this.#long.set(id, { manifest, sql })
      return sql
    } finally {
      pinned.release()
    }
  }

  #plan(): void {
    this.#timer?.cancel()
    if (this.options.deletionMode !== 'filter-and-delete' || this.#stop.signal.aborted) return
    const [next] = this.requests.pending
    if (next === undefined) return
    const { clock } = this.#store
    const at = Math.max(next.createdAt + this.options.deleteRequestCancelPeriod, this.#retryAt)
    this.#timer = clock.after(Math.min(Math.max(0, at - clock.now()), RETRY_MS), () => {
      if (this.#running !== undefined || clock.now() < at) return this.#plan()
      this.#running = this.process().finally(() => {
        this.#running = undefined
        this.#plan()
      })
    })
  }

  /** Deletes the entries of the requests that can't be cancelled any more. */
  async process(): Promise<void> {
    const { clock, log } = this.#store
    for (const request of this.requests.pending) {
      if (request.createdAt + this.options.deleteRequestCancelPeriod > clock.now()) return
      if (this.#stop.signal.aborted) return
      try {
        const entries = await this.#delete(request)
        await this.requests.markProcessed(request.id, clock.now())
        this.#long.delete(request.id)
        log.info('entries were deleted', { id: request.id, query: request.query, entries })
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#retryAt = clock.now() + RETRY_MS
        log.error('deleting entries failed; it is tried again in a minute', {
          id: request.id,
          error: messageOf(error),
        })
        return
      }
    }
  }

  async #delete(request: DeleteRequest): Promise<number> {
    const { database, writer } = this.#store
    const { files } = database
    await this.#sealFirst(spanOf(request))
    let deleted = 0
    // Files that are joined or written anew by others meanwhile come under a new number, and are looked at then.
    const looked = new Set<number>()
    for (;;) {
      this.#stop.signal.throwIfAborted()
      const span = spanOf(request)
      const part = filesOf(files.manifest, span).parts.find(({ number }) => !looked.has(number))
      if (part === undefined) break
      looked.add(part.number)
      const condition = await this.#conditionOf(request)
      if (condition === undefined) break
      deleted += await this.#cut(part, condition)
    }
    if (deleted > 0) await writer.exclusive((connection) => removeLongFiles(connection, database))
    return deleted
  }

  // Rows are deleted by writing sealed files anew, and nowhere else.
  async #sealFirst(span: Span): Promise<void> {
    const { database, upkeep } = this.#store
    const isHot = database.files.manifest.hot.some((each) => {
      const extent = upkeep.index(each)?.extent
      return extent !== undefined && extent.oldest < span.to && extent.newest >= span.from
    })
    if (isHot) await upkeep.sealNow()
  }

  /** Returns how many entries of a sealed file were deleted. */
  async #cut(part: Part, condition: string): Promise<number> {
    const { database, upkeep, partIndexes } = this.#store
    const { files } = database
    const pinned = files.pin()
    try {
      if (!pinned.manifest.parts.includes(part)) return 0
      const sql = `SELECT count(*) FROM ${parquetOf(database.path, [part])} WHERE ${condition}`
      const { signal } = this.#stop
      const found = await files.holding([part], signal, () =>
        database.use((connection) => connection.runAndReadAll(sql), signal),
      )
      const rows = Number((found.getRows()[0] as [bigint])[0])
      if (rows === 0) return 0
      if (rows === part.rows) await upkeep.drop([part])
      else {
        const kept = { keep: `NOT (${condition})`, rows: part.rows - rows }
        await rewritePart(part, kept, database, partIndexes)
      }
      return rows
    } catch (error) {
      const isHere = !this.#stop.signal.aborted && !files.isAbsent(part)
      if (!isHere || (await isWhole(database, part))) throw error
      await files.setAside(part, messageOf(error))
      return 0
    } finally {
      pinned.release()
    }
  }

  /** Ends what runs; it is done after the next opening. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.#timer?.cancel()
    await this.#running
    this.#timer?.cancel()
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
