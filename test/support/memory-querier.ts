/** A store in memory that takes pushes in Loki's JSON, for tests of the LogQL engine. */
import { type LabelSet, labelSet } from '../../lib/flow/labels.ts'
import type { LabelPair } from '../../lib/formats/label-text.ts'
import { DETECTED_LEVEL, detectLevel, withServiceName } from './discover.ts'
import { compileLineFilter } from '../../lib/logql/stages/filter.ts'
import { momentOf } from '../../lib/logql/engine/moment.ts'
import type {
  LogEntry,
  LogSelection,
  Moment,
  Querier,
  StreamSelection,
  StreamStatistics,
} from '../../lib/logql/engine/querier.ts'
import { compileMatchers } from '../../lib/logql/stages/selector.ts'

interface Push {
  readonly streams: readonly {
    readonly stream: Readonly<Record<string, string>>
    readonly values: readonly (readonly [string, string, Readonly<Record<string, string>>?])[]
  }[]
}

interface Options {
  /** Whether `service_name` and `detected_level` are added, as Loki does by default. */
  readonly discover: boolean
  /** Lines per batch. */
  readonly batchSize?: number
}

function before(a: Moment, b: Moment): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos)
}

function validName(name: string): string {
  const valid = name.replaceAll(/[^a-zA-Z0-9_]+/gu, '_')
  return /^\d/.test(valid) ? `key_${valid}` : valid
}

/** The start of the day, since names are looked up by the day as in Loki's index. */
function day({ seconds }: Moment): number {
  return Math.floor(seconds / 86_400)
}

export class MemoryQuerier implements Querier {
  /** Sorted by time, then by stream, then by arrival. */
  readonly #entries: LogEntry[] = []
  readonly #seen = new Set<string>()
  /** Streams by key, numbered as they came; of equal times the first one's lines come first, as in the store. */
  readonly #numbers = new Map<string, number>()
  readonly #options: Options
  /** How many batches were handed out. */
  batches = 0
  /** What was asked last. */
  lastSelection: LogSelection | undefined

  constructor(options: Options = { discover: true }) {
    this.#options = options
  }

  push({ streams }: Push): void {
    for (const { stream, values } of streams) {
      const given = labelSet(Object.entries(stream).filter(([, value]) => value !== ''))
      const labels = this.#options.discover ? withServiceName(given) : given
      for (const [time, line, metadata] of values)
        this.#add(given, labels, BigInt(time), line, metadata ?? {})
    }
    const arrival = new Map(this.#entries.map((entry, i) => [entry, i]))
    this.#entries.sort((a, b) => {
      if (before(a, b)) return -1
      if (before(b, a)) return 1
      const streams = this.#number(a.stream) - this.#number(b.stream)
      if (streams !== 0) return streams
      return arrival.get(a)! - arrival.get(b)!
    })
  }

  #add(
    given: LabelSet,
    stream: LabelSet,
    time: bigint,
    line: string,
    raw: Readonly<Record<string, string>>,
  ): void {
    const metadata: LabelPair[] = Object.entries(raw)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [validName(name), value])
    const kept = metadata.filter(([name]) => name !== DETECTED_LEVEL)
    if (this.#options.discover) kept.push([DETECTED_LEVEL, detectLevel(given, metadata, line)])
    const all = this.#options.discover ? kept : metadata
    all.sort(([a], [b]) => (a < b ? -1 : 1))
    const key = JSON.stringify([stream.key, String(time), line, all])
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.#number(stream)
    this.#entries.push({ ...momentOf(time), stream, line, metadata: all.length === 0 ? undefined : all })
  }

  *entries(selection: LogSelection): Generator<LogEntry[]> {
    this.lastSelection = selection
    const matches = compileMatchers(selection.matchers)
    const tests = selection.filters.map((filter) => compileLineFilter(filter))
    const found = this.#entries.filter(
      (entry) =>
        !before(entry, selection.from) &&
        before(entry, selection.to) &&
        matches(entry.stream) &&
        tests.every((test) => test(entry.line)),
    )
    if (selection.direction === 'backward') this.#backward(found)
    const size = this.#options.batchSize ?? 100
    const limit = selection.limit ?? found.length
    for (let at = 0; at < limit; at += size) {
      this.batches++
      yield found.slice(at, Math.min(at + size, limit))
    }
  }

  async streams({ matchers, from, to }: StreamSelection): Promise<LabelSet[]> {
    const matches = compileMatchers(matchers)
    const found = new Map<string, LabelSet>()
    for (const entry of this.#entries) {
      if (day(entry) < day(from) || day(entry) > day(to) || !matches(entry.stream)) continue
      found.set(entry.stream.key, entry.stream)
    }
    return await Promise.resolve([...found.values()])
  }

  async statistics({ matchers, from, to }: StreamSelection): Promise<StreamStatistics[]> {
    const matches = compileMatchers(matchers)
    const found = new Map<string, { stream: LabelSet; entries: number; bytes: number; chunks: number }>()
    for (const entry of this.#entries) {
      if (before(entry, from) || !before(entry, to) || !matches(entry.stream)) continue
      let known = found.get(entry.stream.key)
      if (known === undefined)
        found.set(entry.stream.key, (known = { stream: entry.stream, entries: 0, bytes: 0, chunks: 1 }))
      known.entries++
      known.bytes += Buffer.byteLength(entry.line) + 8 * (entry.metadata?.length ?? 0)
    }
    return await Promise.resolve([...found.values()])
  }

  #number({ key }: LabelSet): number {
    let number = this.#numbers.get(key)
    if (number === undefined) this.#numbers.set(key, (number = this.#numbers.size))
    return number
  }

  // Turns the order around, but streams that share a time keep theirs.
  #backward(entries: LogEntry[]): void {
    entries.reverse()
    let start = 0
    for (let at = 1; at <= entries.length; at++) {
      const entry = entries[at]
      const first = entries[start]!
      if (entry !== undefined && entry.seconds === first.seconds && entry.nanos === first.nanos) continue
      const tied = entries.slice(start, at)
      tied.sort((a, b) => this.#number(a.stream) - this.#number(b.stream))
      entries.splice(start, tied.length, ...tied)
      start = at
    }
  }
}
