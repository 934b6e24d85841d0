/** One log entry: sources make it, stages change it in place, sinks send it. */
import { NO_ACK, shareAck, type Ack } from './ack.ts'
import type { Stamps } from './clock.ts'
import type { Columns } from './columns.ts'
import { Extracted, textOf } from './extracted.ts'
import type { LabelSet } from './labels.ts'

/** Name and value pairs in order. Treated as immutable: a change makes a new array. */
export type StructuredMetadata = readonly (readonly [string, string])[]

export const NO_METADATA: StructuredMetadata = []

/** A log line on its way, with what it owes its source. All instances have one shape in V8: add a field here or nowhere. */
export class Entry {
  /** Unix time: whole seconds (may be negative) and 0..999,999,999 nanoseconds. Not a BigInt, which would cost an allocation per entry. */
  seconds: number
  nanos: number
  #line: string | undefined
  /** Where the line lies as bytes, until it is changed: the row of `text`. */
  #text: Columns | undefined = undefined
  #row = 0
  labels: LabelSet
  structuredMetadata: StructuredMetadata = NO_METADATA
  ack: Ack
  /** What an entry between otelcol components is: an OpenTelemetry record, of which `line` is only the body. */
  record: object | undefined = undefined
  /** The labels when this `loki.process` began: what the extracted values start with, made only when a stage asks. */
  #arrived: LabelSet
  #extracted: Extracted | undefined = undefined
  /** Where the extracted values lie until they are asked for: the same row. */
  #values: Columns | undefined = undefined

  constructor(seconds: number, nanos: number, line: string, labels: LabelSet, ack: Ack = NO_ACK) {
    this.seconds = seconds
    this.nanos = nanos
    this.#line = line
    this.labels = labels
    this.ack = ack
    this.#arrived = labels
  }

  /** Returns an entry of the present, with the next of `stamps`. */
  static now(stamps: Stamps, line: string, labels: LabelSet): Entry {
    stamps.next()
    return new Entry(stamps.seconds, stamps.nanos, line, labels)
  }

  /** Returns a row as an entry. The columns must not change afterwards. */
  static ofRow(columns: Columns, row: number): Entry {
    columns.pin()
    const { seconds, nanos } = columns
    const entry = new Entry(seconds[row]!, nanos[row]!, '', columns.labels(row), columns.ackOf(row))
    entry.#line = undefined
    entry.#text = columns
    entry.#values = columns
    entry.#row = row
    entry.structuredMetadata = columns.metadataOf(row) ?? NO_METADATA
    return entry
  }

  /** As `ofRow`, but without a reference to the columns unless values were extracted: for what is kept longer than them. */
  static copyOfRow(columns: Columns, row: number): Entry {
    const { seconds, nanos, layers, set } = columns
    if (layers.length > 1 || layers[0] !== set) return Entry.ofRow(columns, row)
    const entry = new Entry(
      seconds[row]!,
      nanos[row]!,
      columns.line(row),
      columns.labels(row),
      columns.ackOf(row),
    )
    entry.structuredMetadata = columns.metadataOf(row) ?? NO_METADATA
    return entry
  }

  get line(): string {
    return (this.#line ??= this.#text!.line(this.#row))
  }

  set line(line: string) {
    this.#line = line
    this.#text = undefined
  }

  /** The columns that hold the line as bytes, in `row`; `undefined` for one that is a string. */
  get text(): Columns | undefined {
    return this.#text
  }

  get row(): number {
    return this.#row
  }

  /** What the stages of the current `loki.process` have extracted; starts with the labels. */
  get extracted(): Extracted {
    this.#extracted ??= this.#values?.extracted(this.#row) ?? new Extracted(this.#arrived)
    return this.#extracted
  }

  /** Begins a `loki.process`: only the current labels are extracted. */
  resetExtracted(): void {
    this.#arrived = this.labels
    this.#extracted = undefined
    this.#values = undefined
  }

  /** A copy that owes the given acknowledgement. */
  clone(ack: Ack): Entry {
    const copy = new Entry(this.seconds, this.nanos, '', this.labels, ack)
    copy.#line = this.#line
    copy.#text = this.#text
    copy.#values = this.#values
    copy.#row = this.#row
    copy.structuredMetadata = this.structuredMetadata
    copy.record = this.record
    copy.#arrived = this.#arrived
    if (this.#extracted !== undefined) copy.#extracted = this.#extracted.clone()
    return copy
  }

  /** `count` entries that share this one's unit; the first is this entry. */
  split(count: number): Entry[] {
    const ack = shareAck(this.ack, count)
    this.ack = ack
    const parts: Entry[] = [this]
    while (parts.length < count) parts.push(this.clone(ack))
    return parts
  }
}

/** Returns what a stage reads: the line, or the extracted value `source`; `undefined` if there is no such text. */
export function subjectOf(entry: Entry, source: string | undefined): string | undefined {
  return source === undefined ? entry.line : textOf(entry.extracted.get(source))
}
