/** The sample: its lines as batches of entries, and what becomes of each line. */
import { Readable } from 'node:stream'
import { messageOf } from '../errors.ts'
import { unitOf, type Ack } from '../flow/ack.ts'
import { Batch } from '../flow/batch.ts'
import { Stamps, type Clock } from '../flow/clock.ts'
import { Entry } from '../flow/entry.ts'
import type { LabelSet } from '../flow/labels.ts'
import type { Outcome } from '../flow/outcome.ts'
import { UTF8 } from '../intake/encoding.ts'
import { LineAssembler } from '../intake/line-assembler.ts'
import { MAX_LINE_BYTES } from '../intake/line-limit.ts'
import { cutLines, type Segment } from '../intake/lines.ts'

/** Small, so that a stage which waits for time holds back few lines. */
const BATCH_LINES = 256

/** What one line owes: it knows its number. */
class LineAck implements Ack {
  readonly replayable = true
  /** From 1. */
  readonly line: number
  readonly #sample: Sample

  constructor(sample: Sample, line: number) {
    this.#sample = sample
    this.line = line
  }

  settle(outcome: Outcome): void {
    this.#sample.settled(this.line, outcome)
  }
}

/** Returns the number of the line that an entry was made of, or the first of several; 0 if that isn't known. */
export function lineOf({ ack }: Pick<Entry, 'ack'>): number {
  const unit = unitOf(ack)
  return unit instanceof LineAck ? unit.line : 0
}

/** How many lines were dropped for a reason, and the first of them. */
export interface DroppedLines {
  lines: number
  readonly first: number
}

export class Sample {
  lines = 0
  bytes = 0
  /** Changes whenever a batch is handed on or a line has ended. */
  progress = 0
  /** Pending while bytes are being read. */
  reading: Promise<unknown> | undefined
  /** Why reading it ended early. */
  failure: string | undefined
  /** By reason. */
  readonly dropped = new Map<string, DroppedLines>()
  readonly #input: Readable

  constructor(input: Readable) {
    this.#input = input
  }

  settled(line: number, { state, reason }: Outcome): void {
    this.progress++
    if (state !== 'dropped') return
    const known = this.dropped.get(reason)
    if (known === undefined) this.dropped.set(reason, { lines: 1, first: line })
    else known.lines++
  }

  /** The lines with `labels`, as a source hands them on. */
  output(labels: LabelSet, clock: Clock): Readable {
    return Readable.from(this.#batches(labels, new Stamps(clock)), { objectMode: true, highWaterMark: 1 })
  }

  async *#batches(labels: LabelSet, stamps: Stamps): AsyncGenerator<Batch> {
    for await (const lines of this.#pieces()) {
      for (let from = 0; from < lines.length; from += BATCH_LINES) {
        const entries = lines.slice(from, from + BATCH_LINES).map((line) => {
          const entry = Entry.now(stamps, line, labels)
          entry.ack = new LineAck(this, ++this.lines)
          return entry
        })
        this.progress++
        yield new Batch(entries)
      }
    }
  }

  async *#pieces(): AsyncGenerator<string[]> {
    const assembler = new LineAssembler(UTF8, MAX_LINE_BYTES)
    const chunks = this.#input[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    for (;;) {
      const next = chunks.next().catch((error: unknown) => {
        this.failure = messageOf(error)
        return { done: true as const, value: undefined }
      })
      this.reading = next
      const { done, value } = await next
      this.reading = undefined
      if (done === true) break
      this.bytes += value.length
      yield linesOf(assembler.push(value))
    }
    yield linesOf(assembler.end())
  }
}

function linesOf(segments: readonly Segment[]): string[] {
  const lines: string[] = []
  for (const segment of segments) cutLines(segment, lines)
  return lines
}
