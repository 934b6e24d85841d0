/** The last entries that reached a sink unparsed, for configs without a store or a Loki that could be asked for them. */
import type { BatchWatcher } from '../../flow/batch-tap.ts'
import type { Entry } from '../../flow/entry.ts'
import type { LabelSet } from '../../flow/labels.ts'
import { hasInput, hasOutput, type Watched } from '../tap/points.ts'
import type { FailedEntry } from './messages.ts'

/** The label of entries that were not parsed, as in the examples. */
const LABEL = 'parse_status'
const VALUE = 'failed'

const MOST = 1000
/** Longer lines are cut. */
const LONGEST = 16_384

export class RecentFailures {
  readonly #watched: Watched
  readonly #sinks = new Map<string, () => void>()
  readonly #entries: FailedEntry[] = []
  #next = 0

  constructor(watched: Watched) {
    this.#watched = watched
  }

  /** Looks at what goes into the sinks that run now; with `others` to ask for failures, at nothing. */
  follow(others: boolean): void {
    const sinks = this.#watched
      .details()
      .filter((each) => !others && hasInput(each) && !hasOutput(each))
      .map(({ fullId }) => fullId)
    for (const [id, end] of this.#sinks)
      if (!sinks.includes(id)) {
        end()
        this.#sinks.delete(id)
      }
    for (const id of sinks) if (!this.#sinks.has(id)) this.#sinks.set(id, this.#watched.watch(id, this.#look))
  }

  // Most batches have no failures, and are not opened.
  readonly #look: BatchWatcher = (batch) => {
    if (!batch.some(isFailed)) return
    for (const entry of batch.peek()) if (isFailed(entry.labels)) this.#keep(entry)
  }

  /** From the newest to the oldest. */
  newest(): FailedEntry[] {
    return [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)].reverse()
  }

  #keep({ line, labels, structuredMetadata, seconds, nanos }: Entry): void {
    this.#entries[this.#next] = {
      // A slice of its own, so that the chunk of the file that the line was cut from can go.
      line: Buffer.from(line.slice(0, LONGEST)).toString(),
      labels: labels.toObject(),
      structured_metadata: Object.fromEntries(structuredMetadata),
      timestamp: String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos)),
    }
    this.#next = (this.#next + 1) % MOST
  }
}

function isFailed(labels: LabelSet): boolean {
  return labels.get(LABEL) === VALUE
}
