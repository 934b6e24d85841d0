/** How long entries are kept: a period for all of them, and others for the streams that a selector chooses. */
import type { LabelSet } from '../flow/labels.ts'
import type { LabelMatcher } from '../logql/syntax/ast.ts'
import { compileMatchers } from '../logql/stages/selector.ts'
import { streamSetSql } from './stream-set.ts'
import type { StreamTable } from './stream-table.ts'

/** A block `retention_stream`. */
export interface StreamRetention {
  readonly matchers: readonly LabelMatcher[]
  /** Milliseconds; 0: for ever. */
  readonly period: number
  /** Of several that match, the one with the highest counts; of equals, the one with the shortest period. */
  readonly priority: number
}

/** Before all times. */
const ALWAYS = -(2n ** 63n)

export class RetentionRules {
  readonly #rules: readonly { readonly matches: (labels: LabelSet) => boolean; readonly period: number }[]
  readonly #period: number
  readonly #streams: StreamTable
  readonly #now: () => number
  readonly #periods = new WeakMap<LabelSet, number>()

  /** `period` in milliseconds, for streams without a rule; 0: for ever. */
  constructor(period: number, rules: readonly StreamRetention[], streams: StreamTable, now: () => number) {
    this.#period = period
    this.#streams = streams
    this.#now = now
    const long = (ms: number): number => (ms <= 0 ? Infinity : ms)
    this.#rules = [...rules]
      .sort((a, b) => b.priority - a.priority || long(a.period) - long(b.period))
      .map((rule) => ({ matches: compileMatchers(rule.matchers), period: rule.period }))
  }

  /** Whether anything is ever too old. */
  get any(): boolean {
    return this.#period > 0 || this.#rules.some(({ period }) => period > 0)
  }

  /** Whether some streams are kept for another time than the others. */
  get byStream(): boolean {
    return this.#rules.length > 0
  }

  /** Nanoseconds: older entries aren't part of the store, whatever their stream. */
  get cutoff(): bigint {
    const periods = [this.#period, ...this.#rules.map(({ period }) => period)]
    return periods.some((period) => period <= 0) ? ALWAYS : this.#cutoffOf(Math.max(...periods))
  }

  /** Nanoseconds: older entries of a stream aren't part of the store. */
  of(id: number): bigint {
    if (this.#rules.length === 0) return this.#cutoffOf(this.#period)
    const labels = this.#streams.byId(id)?.labels
    return this.#cutoffOf(labels === undefined ? this.#period : this.#periodOf(labels))
  }

  /** SQL on stream_id and ts that holds for what is kept; starts with AND, and `ts` is at least `cutoff` anyway. */
  get condition(): string {
    if (this.#rules.length === 0) return ''
    const groups = new Map<number, number[]>()
    const special: number[] = []
    for (const { id, labels } of this.#streams.values()) {
      const period = this.#periodOf(labels)
      if (period === this.#period) continue
      special.push(id)
      const group = groups.get(period)
      if (group === undefined) groups.set(period, [id])
      else group.push(id)
    }
    let sql = ''
    for (const [period, ids] of groups)
      if (period > 0) sql += ` AND (ts >= ${this.#cutoffOf(period)} OR NOT ${streamSetSql(ids)})`
    if (this.#period > 0) {
      const others = special.length === 0 ? '' : ` OR ${streamSetSql(special)}`
      sql += ` AND (ts >= ${this.#cutoffOf(this.#period)}${others})`
    }
    return sql
  }

  #periodOf(labels: LabelSet): number {
    let period = this.#periods.get(labels)
    if (period === undefined) {
      period = this.#rules.find(({ matches }) => matches(labels))?.period ?? this.#period
      this.#periods.set(labels, period)
    }
    return period
  }

  #cutoffOf(period: number): bigint {
    return period <= 0 ? ALWAYS : BigInt(Math.floor(this.#now() - period)) * 1_000_000n
  }
}
