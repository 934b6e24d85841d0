/**
 * Samples of lines that are read by columns. What becomes of a line depends on a few fields of it, so a line goes through
 * the stages only when its fields are new: a tenth of a microsecond a line instead of two.
 */
import type { Budget } from '../engine/budget.ts'
import type { RowBlock, RowReading } from '../engine/querier.ts'
import type { LineFields } from '../stages/line-fields.ts'
import type { NumberLine } from '../stages/number-field.ts'
import { plainNumber } from '../stages/plain-number.ts'
import { Outcomes } from './outcomes.ts'
import { type Reader, readEntry } from './line-samples.ts'
import type { SeriesTable, WindowedSeries } from './windowed-series.ts'

export interface ColumnPlan {
  readonly reader: Reader
  readonly fields: LineFields
  /** The label whose number is the value, if nothing else depends on it. */
  readonly direct: string | undefined
  /** The number that blocks have in place of lines, if any; `direct` is its label, or left out. */
  readonly number: NumberLine | undefined
  /** Whether the value is the number of bytes of the line. */
  readonly isBytes: boolean
  /** The time from the first step to the start of the reading, in nanoseconds. */
  readonly start: number
}

/** What becomes of lines with the same fields; without a series they are dropped. */
interface Outcome {
  readonly series: WindowedSeries | undefined
  readonly value: number
}

/** In keys, where the length of a field is otherwise. */
const ABSENT = -1
const NUMBER = -2

/** As readSamples. @throws {LogqlError} when a limit is reached */
export async function readColumns(
  reading: RowReading,
  plan: ColumnPlan,
  table: SeriesTable,
  budget: Budget,
): Promise<void> {
  const rows = new RowReader(reading, plan, table)
  for await (const block of reading.blocks) {
    budget.spendBlock(block.order.length, block.bytes.length)
    rows.read(block)
  }
}

class RowReader {
  readonly #reading: RowReading
  readonly #plan: ColumnPlan
  readonly #table: SeriesTable
  readonly #outcomes = new Outcomes<Outcome>()
  /** The field with the value; -1 without one. */
  readonly #direct: number
  /** Whether it's the only one. */
  readonly #isOnly: boolean
  readonly #byOrigin: (Outcome | undefined)[] = []
  /** By origin: whether the label of the value is one of its own, so that it isn't the field. */
  readonly #taken: (boolean | undefined)[] = []
  /** By origin and rank of the number: what becomes of lines that have one. */
  readonly #byRank: Outcome[][] = []

  constructor(reading: RowReading, plan: ColumnPlan, table: SeriesTable) {
    this.#reading = reading
    this.#plan = plan
    this.#table = table
    this.#direct = plan.direct === undefined ? -1 : plan.fields.names.indexOf(plan.direct)
    this.#isOnly = plan.fields.names.length === 1
  }

  read(block: RowBlock): void {
    const { order, origins, times, numbers } = block
    const { start } = this.#plan
    for (let i = 0; i < order.length; i++) {
      const row = order[i]!
      const number = numbers === undefined ? NaN : numbers[row]!
      if (Number.isNaN(number)) this.#addLine(block, row)
      else {
        const { series, value } = this.#outcomeOfNumber(origins[row]!, number)
        series?.add(times[row]! + start, this.#direct < 0 ? value : number)
      }
    }
  }

  #addLine(block: RowBlock, row: number): void {
    const { origins, times, bytes, ends, isElsewhere } = block
    const { fields, isBytes, start } = this.#plan
    const from = row === 0 ? 0 : ends[row - 1]!
    const to = ends[row]!
    const isRead = isElsewhere?.(row) !== true && fields.scan(bytes, from, to)
    const value = isRead ? this.#valueOf(origins[row]!, bytes) : NaN
    const outcome = isRead ? this.#outcomeOf(block, row, value) : this.#readLine(block, row)
    const sample = isBytes && isRead ? to - from : Number.isNaN(value) ? outcome.value : value
    outcome.series?.add(times[row]! + start, sample)
  }

  /** The number in the field that is the value; NaN where the stages have to read it. */
  #valueOf(origin: number, bytes: Uint8Array): number {
    const direct = this.#direct
    const { starts, ends } = this.#plan.fields
    if (direct < 0 || starts[direct]! < 0 || this.#isTaken(origin)) return NaN
    return plainNumber(bytes, starts[direct]!, ends[direct]!)
  }

  #outcomeOf(block: RowBlock, row: number, value: number): Outcome {
    const origin = block.origins[row]!
    const isNumber = !Number.isNaN(value)
    // With no other field there is one outcome for each origin.
    if (isNumber && this.#isOnly) return (this.#byOrigin[origin] ??= this.#readLine(block, row))
    if (!this.#key(origin, block.bytes, isNumber ? this.#direct : -1)) return this.#readLine(block, row)
    let outcome = this.#outcomes.get()
    if (outcome === undefined) this.#outcomes.add((outcome = this.#readLine(block, row)))
    return outcome
  }

  #outcomeOfNumber(origin: number, number: number): Outcome {
    const { bounds, lineOf } = this.#plan.number!
    // Twice as many as there are smaller bounds, and those that are equal.
    let rank = 0
    for (const bound of bounds) if (number >= bound) rank += number > bound ? 2 : 1
    const known = (this.#byRank[origin] ??= [])
    return (known[rank] ??= this.#readText(origin, lineOf(number)))
  }

  /** Sends a line through the stages. */
  #readLine(block: RowBlock, row: number): Outcome {
    return this.#readText(block.origins[row]!, block.line(row))
  }

  #readText(origin: number, line: string): Outcome {
    const { stream, metadata } = this.#reading.originOf(origin)
    const entry = { stream, metadata, line, seconds: 0, nanos: 0 }
    const sample = readEntry(this.#plan.reader, entry)
    if (sample === undefined) return { series: undefined, value: 0 }
    return { series: this.#table.of(sample[0]), value: sample[1] }
  }

  /** Writes the key of a line. Returns `false` when it's too long. */
  #key(origin: number, bytes: Uint8Array, direct: number): boolean {
    const { starts, ends } = this.#plan.fields
    const outcomes = this.#outcomes
    outcomes.begin()
    outcomes.number(origin)
    for (let i = 0; i < starts.length; i++)
      if (starts[i]! < 0) outcomes.number(ABSENT)
      else if (i === direct) outcomes.number(NUMBER)
      else if (!outcomes.text(bytes, starts[i]!, ends[i]!)) return false
    return true
  }

  #isTaken(origin: number): boolean {
    let taken = this.#taken[origin]
    if (taken === undefined) {
      const { stream, metadata } = this.#reading.originOf(origin)
      const label = this.#plan.direct!
      taken = stream.has(label) || metadata?.some(([name]) => name === label) === true
      this.#taken[origin] = taken
    }
    return taken
  }
}
