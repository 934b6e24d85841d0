/**
 * A part of a source that is read in order and has a position of its own: a file, a journal, a container's log, a
 * Kafka partition. Sockets and pipes, which can't be read again, are one partition without a position.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { AckTracker } from '../flow/ack-tracker.ts'
import { Batch, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../flow/batch.ts'
import type { Stamps } from '../flow/clock.ts'
import { Entry, NO_METADATA, type StructuredMetadata } from '../flow/entry.ts'
import type { LabelSet } from '../flow/labels.ts'
import type { Ledger } from '../flow/ledger.ts'
import type { Outcome } from '../flow/outcome.ts'
import { Signal } from '../flow/signal.ts'
import type { Turns } from '../flow/turns.ts'
import type { Instant } from '../go/rfc3339.ts'
import { isTooLong, partMark, partsOf } from './line-limit.ts'
import { ColumnBuilder, LineCuts } from './column-builder.ts'
import { cutLines, type Segment } from './lines.ts'
import type { BatchOutput } from './output.ts'

/** Segments go out at once when this much has come together; a batch per small one would cost more than it saves. */
const WORTH_SENDING_BYTES = 32 * 1024

/** Bytes of a line that is looked at here. */
const SHORT_LINE = 128

const cuts = new LineCuts()

/** What the partitions of one source share. */
export interface Shared {
  readonly ledger: Ledger
  readonly output: BatchOutput
  readonly stamps: Stamps
  readonly turns: Turns
  readonly maxLineBytes: number
  /** Lines that were cut into parts. */
  readonly cut: { value: number }
  /** Partitions with lines that haven't gone out. */
  readonly pending: Set<{ flush(): void }>
  /** Partitions with lines that went out and haven't ended. */
  readonly unsettled: Set<{ settled(): Promise<void> }>
  readonly schedule: () => void
}

export interface PartitionOptions<P> {
  /** Where reading begins: everything before it has been acknowledged. */
  readonly position: P
  /** Called whenever `position` has moved. */
  readonly onAdvance?: (position: P) => void
}

/** Lines of one segment, and how many of them held bytes that are not valid. */
export interface Cut {
  readonly lines: number
  readonly invalid: number
}

/** Lines in order, and the position up to which they have been delivered. */
export class Partition<P> {
  readonly #shared: Shared
  readonly #tracker: AckTracker<P>
  readonly #room = new Signal()
  readonly #lines: string[] = []
  #acknowledged: P
  /** The position after everything that was added. */
  #reached: P
  #moved = false
  /** What has come together, as entries or as bytes, never both: order must not get lost. */
  #entries: Entry[] = []
  readonly #columns = new ColumnBuilder()
  #bytes = 0
  #rejected: Outcome[] = []

  /** Without `options` the source can't read again, and what it reads counts as lost when the process dies. */
  constructor(shared: Shared, options: PartitionOptions<P> | undefined) {
    this.#shared = shared
    this.#acknowledged = this.#reached = options?.position as P
    this.#tracker = new AckTracker<P>({
      ledger: shared.ledger,
      replayable: options !== undefined,
      onAdvance: (position, bytes) => {
        this.#acknowledged = position
        shared.output.owe(-bytes)
        if (this.#tracker.unsettled === 0) shared.unsettled.delete(this)
        if (!this.#tracker.full) this.#room.notify()
        options?.onAdvance?.(position)
      },
    })
  }

  /** Everything before it has been acknowledged: where reading goes on after a restart. */
  get position(): P {
    return this.#acknowledged
  }

  /** Takes a line over; `position` is where reading goes on after it. Without a time it gets the present one. */
  add(
    line: string,
    labels: LabelSet,
    position: P,
    time?: Instant,
    metadata: StructuredMetadata = NO_METADATA,
  ): void {
    const { stamps } = this.#shared
    if (this.#entries.length === 0) stamps.refresh()
    const entry =
      time === undefined ? Entry.now(stamps, line, labels) : new Entry(time.seconds, time.nanos, line, labels)
    entry.structuredMetadata = metadata
    this.addEntry(entry, position)
  }

  /**
   * As `add` of the line that lies in [from, to) of `bytes`, which may be used again when this returns. Returns `false` for
   * bytes that aren't valid UTF-8, and for a line that is too long: nothing has been taken over then.
   */
  addBytes(
    bytes: Buffer,
    [from, to]: readonly [number, number],
    labels: LabelSet,
    position: P,
    time?: Instant,
  ): boolean {
    const { stamps, maxLineBytes } = this.#shared
    if (to - from > maxLineBytes) return false
    const ascii = isAsciiLine(bytes, from, to)
    if (!ascii && !isUtf8(bytes.subarray(from, to))) return false
    if (this.#entries.length > 0) this.flush()
    if (this.#columns.size === 0) stamps.refresh()
    this.#columns.addLine(bytes, ascii, [from, to], { labels, stamps, time })
    this.#bytes += to - from
    this.#reached = position
    if (this.#columns.size === MAX_BATCH_ENTRIES || this.#bytes >= WORTH_SENDING_BYTES) this.flush()
    else if (this.#columns.size === 1) this.#later()
    return true
  }

  /** Takes over an entry that the source has made itself. */
  addEntry(entry: Entry, position: P): void {
    this.#take(entry, position)
    this.#later()
  }

  /**
   * Takes over the lines of a segment, which should end with a line end; bytes after the last one are a line too.
   * `position` is where reading goes on after it. Memory may be used again when this returns.
   */
  addSegment(segment: Segment, labels: LabelSet, position: P): Cut {
    const { stamps } = this.#shared
    stamps.refresh()
    const taken = this.#takeBytes(segment, labels, position)
    if (taken !== undefined) return { lines: taken, invalid: 0 }
    const lines = this.#lines
    const invalid = cutLines(segment, lines)
    const count = lines.length
    for (let i = 0; i < count; i++) {
      const entry = Entry.now(stamps, lines[i]!, labels)
      // Nothing before the end of a segment is a place to go on at.
      this.#take(entry, i === count - 1 ? position : this.#reached, i === 0 ? segment.part : 0)
    }
    lines.length = 0
    if (this.#bytes >= WORTH_SENDING_BYTES) this.flush()
    else if (count > 0) this.#later()
    return { lines: count, invalid }
  }

  /** Counts a unit that was read and ends at once, because it couldn't become an entry. */
  reject(outcome: Outcome, position: P): void {
    this.#reached = position
    this.#rejected.push(outcome)
    this.#later()
  }

  /** Moves the position past something that holds no line. */
  skip(position: P): void {
    this.#reached = position
    this.#moved = true
    this.#later()
  }

  /** Hands on what has come together. It goes out by itself before the event loop waits again. */
  flush(): void {
    const entries = this.#entries
    const rejected = this.#rejected
    const size = entries.length + this.#columns.size
    this.#shared.pending.delete(this)
    if (size === 0 && rejected.length === 0 && !this.#moved) return
    const bytes = this.#bytes
    this.#entries = []
    this.#rejected = []
    this.#bytes = 0
    this.#moved = false
    this.#shared.output.owe(bytes)
    this.#shared.unsettled.add(this)
    const ack = this.#tracker.open(size + rejected.length, bytes, this.#reached)
    for (const outcome of rejected) ack.settle(outcome)
    if (size === 0) return
    for (const entry of entries) entry.ack = ack
    this.#shared.output.push(new Batch(entries.length > 0 ? entries : this.#columns.take(ack)))
  }

  /** `undefined`: read on. Otherwise resolves when there is room again, or when the source is stopping. */
  room(): Promise<void> | undefined {
    const { output } = this.#shared
    if (output.released || !(this.#tracker.full || output.full)) return undefined
    return this.#wait()
  }

  /**
   * Waits for room and for this partition's turn among those of its source, which keeps memory bounded however many
   * there are. Returns or resolves with the function that ends the turn, or with `undefined` when the source is stopping.
   */
  turn(): (() => void) | Promise<(() => void) | undefined> {
    const { output, turns } = this.#shared
    const free = this.#tracker.full || output.full || output.released ? undefined : turns.takeFree()
    return free ?? this.#waitForTurn()
  }

  async #waitForTurn(): Promise<(() => void) | undefined> {
    const { output, turns } = this.#shared
    if (this.#tracker.full) await this.#ownRoom()
    const end = await turns.take()
    if (end === undefined) return undefined
    // In its turn, or all that wait would read at once when there is room.
    if (output.full) await output.room()
    if (!output.released) return end
    end()
    return undefined
  }

  /** Resolves when everything that was handed on has ended, or when `until` is aborted. */
  async settled(until?: AbortSignal): Promise<void> {
    this.flush()
    const drained = this.#tracker.drained()
    if (until === undefined) return await drained
    if (until.aborted) return
    let stop!: () => void
    const aborted = new Promise<void>((resolve) => (stop = resolve))
    until.addEventListener('abort', stop)
    await Promise.race([drained, aborted])
    until.removeEventListener('abort', stop)
  }

  async #wait(): Promise<void> {
    if (this.#tracker.full) await this.#ownRoom()
    await this.#shared.output.room()
  }

  #ownRoom(): Promise<void> {
    return this.#shared.output.waitWhile(() => this.#tracker.full, this.#room)
  }

  // Returns how many lines it was, or `undefined` for a segment that must be read as text: what isn't valid UTF-8, and
  // what has to be cut up.
  #takeBytes(
    { bytes, start, end, encoding, part = 0 }: Segment,
    labels: LabelSet,
    position: P,
  ): number | undefined {
    if (part > 0 || encoding?.decode !== undefined) return undefined
    const segment = bytes.subarray(start, end)
    const ascii = isAscii(segment)
    if (!ascii && !isUtf8(segment)) return undefined
    cuts.cut(bytes, start, end)
    if (cuts.longest > this.#shared.maxLineBytes) return undefined
    if (this.#entries.length > 0) this.flush()
    const { stamps } = this.#shared
    const { count } = cuts
    for (let first = 0; first < count;) {
      const last = Math.min(count, first + MAX_BATCH_ENTRIES - this.#columns.size)
      this.#bytes += this.#columns.add(bytes, ascii, cuts, [first, last], { labels, stamps })
      first = last
      // Nothing before the end of a segment is a place to go on at.
      if (last === count) this.#reached = position
      if (this.#columns.size === MAX_BATCH_ENTRIES || this.#bytes >= WORTH_SENDING_BYTES) this.flush()
    }
    if (this.#columns.size > 0) this.#later()
    return count
  }

  // `part` is set for a line that was cut already.
  #take(entry: Entry, position: P, part = 0): void {
    const { maxLineBytes } = this.#shared
    if (isTooLong(entry.line, maxLineBytes)) return this.#takeParts(entry, position, Math.max(1, part))
    if (part > 0) this.#mark(entry, part)
    this.#push(entry, position)
  }

  #takeParts(entry: Entry, position: P, first: number): void {
    const parts = partsOf(entry.line, this.#shared.maxLineBytes)
    for (const [i, line] of parts.entries()) {
      const part = entry.clone(entry.ack)
      part.line = line
      // Loki keeps equal lines only once where they have the same time.
      part.seconds += Math.floor((entry.nanos + i) / 1e9)
      part.nanos = (entry.nanos + i) % 1e9
      this.#mark(part, first + i)
      this.#push(part, i === parts.length - 1 ? position : this.#reached)
    }
  }

  #mark(entry: Entry, part: number): void {
    if (part === 1) this.#shared.cut.value++
    entry.structuredMetadata = [...entry.structuredMetadata, ...partMark(part)]
  }

  #push(entry: Entry, position: P): void {
    if (this.#columns.size > 0) this.flush()
    this.#reached = position
    this.#entries.push(entry)
    this.#bytes += entry.line.length
    if (this.#entries.length >= MAX_BATCH_ENTRIES || this.#bytes >= MAX_BATCH_BYTES) this.flush()
  }

  #later(): void {
    this.#shared.pending.add(this)
    this.#shared.schedule()
  }
}

// A call into Node, with a buffer of its own for the line, costs more than a look at each byte of a short one.
function isAsciiLine(bytes: Buffer, from: number, to: number): boolean {
  if (to - from > SHORT_LINE) return isAscii(bytes.subarray(from, to))
  for (let i = from; i < to; i++) if (bytes[i]! > 127) return false
  return true
}
