/** Remembers the last unparsed entries that reached a sink, for configs without a store or Loki to query. */
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

  /** Watches the sinks that run now; none if failures can be queried elsewhere. */
  follow(elsewhere: boolean): void {
    const sinks = this.#watched
      .details()
      .filter((each) => !elsewhere && hasInput(each) && !hasOutput(each))
      .map(({ fullId }) => fullId)
    for (const [id, end] of this.#sinks)
      if (!sinks.includes(id)) {
        end()
        this.#sinks.delete(id)
      }
    for (const id of sinks) if (!this.#sinks.has(id)) this.#sinks.set(id, this.#watched.watch(id, this.#look))
  }

  // Batches without failures aren't opened.
  readonly #look: BatchWatcher = (batch) => {
    if (!batch.some(isFailed)) return
    for (const entry of batch.peek()) if (isFailed(entry.labels)) this.#keep(entry)
  }

  /** Returns them newest first. */
  newest(): FailedEntry[] {
    return [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)].reverse()
  }

  #keep({ line, labels, structuredMetadata, seconds, nanos }: Entry): void {
    this.#entries[this.#next] = {
      // Copied, so that the chunk of the file that it is a slice of can be freed.
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
