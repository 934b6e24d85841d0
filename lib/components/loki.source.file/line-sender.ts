/** From cut lines to batches on the component's output. */
import type { Ack } from '../../flow/ack.ts'
import type { AckTracker } from '../../flow/ack-tracker.ts'
import { Batch, MAX_BATCH_ENTRIES } from '../../flow/batch.ts'
import { Stamps, type Clock } from '../../flow/clock.ts'
import { Entry } from '../../flow/entry.ts'
import type { LabelSet } from '../../flow/labels.ts'
import type { BatchOutput } from '../../intake/output.ts'
import type { TextEncoding } from './encoding.ts'
import type { Mark } from './generation.ts'
import { cutLines } from './lines.ts'

/** What one path has read, for its metrics. */
export interface ReadCounts {
  lines: number
  invalid: number
}

export class LineSender {
  readonly #output: BatchOutput
  readonly #stamps: Stamps
  readonly #lines: string[] = []

  constructor(output: BatchOutput, clock: Clock) {
    this.#output = output
    this.#stamps = new Stamps(clock)
  }

  /** Resolves when the reader of `output` wants more. */
  room(): Promise<void> {
    return this.#output.room()
  }

  /** Cuts the lines in [start, end) and hands them on as one unit of acknowledgement. Gives how many there were. */
  send(
    segment: {
      readonly bytes: Buffer
      readonly start: number
      readonly end: number
      readonly encoding: TextEncoding
    },
    to: { readonly labels: LabelSet; readonly tracker: AckTracker<Mark>; readonly counts: ReadCounts },
    mark: Mark,
  ): number {
    const lines = this.#lines
    lines.length = 0
    to.counts.invalid += cutLines(segment.bytes, segment.start, segment.end, segment.encoding, lines)
    const count = lines.length
    if (count === 0) return 0
    to.counts.lines += count
    const ack = to.tracker.open(count, segment.end - segment.start, mark)
    this.#stamps.refresh()
    for (let from = 0; from < count; from += MAX_BATCH_ENTRIES)
      this.#output.push(this.#batch(from, Math.min(count, from + MAX_BATCH_ENTRIES), to.labels, ack))
    lines.length = 0
    return count
  }

  #batch(from: number, to: number, labels: LabelSet, ack: Ack): Batch {
    const stamps = this.#stamps
    const entries: Entry[] = []
    for (let i = from; i < to; i++) {
      stamps.next()
      entries.push(new Entry(stamps.seconds, stamps.nanos, this.#lines[i]!, labels, ack))
    }
    return new Batch(entries)
  }
}
