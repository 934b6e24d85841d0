/** Lines in memory as a querier, with what the store adds to lines that are pushed to it. */
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import type { LabelPair } from '../../formats/label-text.ts'
import { momentOf } from '../../logql/engine/moment.ts'
import type {
  LogEntry,
  LogSelection,
  Moment,
  Querier,
  StreamSelection,
  StreamStatistics,
} from '../../logql/engine/querier.ts'
import { compileLineFilter } from '../../logql/stages/filter.ts'
import { compileMatchers } from '../../logql/stages/selector.ts'
import { detectLevel, LEVEL_LABEL, levelOfLabels } from '../../store/levels.ts'
import { SERVICE_LABELS, withServiceName } from '../../store/service-name.ts'
import type { TestStream } from './test-file.ts'

export class MemoryLines implements Querier {
  readonly #entries: LogEntry[] = []

  /** `startMs`: what the times of the lines count from. */
  constructor(streams: readonly TestStream[], startMs: number) {
    for (const stream of streams) this.#add(stream, startMs)
    this.#entries.sort((a, b) => compare(a, b))
  }

  *entries({ matchers, from, to, filters, direction }: LogSelection): Generator<LogEntry[]> {
    const tests = filters.map((filter) => compileLineFilter(filter))
    const found = this.#within({ matchers, from, to }).filter(({ line }) => tests.every((test) => test(line)))
    yield direction === 'backward' ? found.reverse() : found
  }

  streams(selection: StreamSelection): Promise<LabelSet[]> {
    return Promise.resolve([...new Set(this.#within(selection).map(({ stream }) => stream))])
  }

  async statistics(selection: StreamSelection): Promise<StreamStatistics[]> {
    const found = this.#within(selection)
    return (await this.streams(selection)).map((stream) => {
      const own = found.filter((entry) => entry.stream === stream)
      const bytes = own.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0)
      return { stream, entries: own.length, bytes, chunks: 1 }
    })
  }

  #within({ matchers, from, to }: Omit<StreamSelection, 'signal'>): LogEntry[] {
    const matches = compileMatchers(matchers)
    return this.#entries.filter(
      (entry) => compare(entry, from) >= 0 && compare(entry, to) < 0 && matches(entry.stream),
    )
  }

  #add({ labels, lines }: TestStream, startMs: number): void {
    const given = labelSet(Object.entries(labels))
    const stream = withServiceName(given, SERVICE_LABELS)
    const level = levelOfLabels((name) => given.get(name))
    for (const { line, atMs, everyMs, times, metadata } of lines) {
      const pairs = Object.entries(metadata)
      const found = detectLevel(level, pairs, line)
      const all: LabelPair[] = found === undefined ? pairs : [...pairs, [LEVEL_LABEL, found]]
      for (let i = 0; i < times; i++) {
        const moment = momentOf(BigInt(startMs + atMs + i * everyMs) * 1_000_000n)
        this.#entries.push({ ...moment, stream, line, metadata: all })
      }
    }
  }
}

function compare(a: Moment, b: Moment): number {
  return a.seconds - b.seconds || a.nanos - b.nanos
}
