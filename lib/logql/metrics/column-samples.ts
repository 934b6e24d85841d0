/**
 * Samples of lines that are read by columns. What becomes of a line depends on a few fields of it, so a line goes through
 * the stages only when its fields are new: a tenth of a microsecond a line instead of two.
 */
import type { Budget } from '../engine/budget.ts'
import type { RowBlock, RowReading } from '../engine/querier.ts'
import type { LineFields } from '../stages/line-fields.ts'
import { plainNumber } from '../stages/plain-number.ts'
import { Outcomes } from './outcomes.ts'
import { Collector, type Reader, readEntry, type SampleSeries } from './samples.ts'

export interface ColumnPlan {
  readonly reader: Reader
  readonly fields: LineFields
  /** The label whose number is the value, if nothing else depends on it. */
  readonly direct: string | undefined
  /** Whether the value is the number of bytes of the line. */
  readonly isBytes: boolean
  /** The time from the first step to the start of the reading, in nanoseconds. */
  readonly start: number
}

/** What becomes of lines with the same fields; without a series they are dropped. */
interface Outcome {
  readonly series: SampleSeries | undefined
  readonly value: number
}

/** In keys, where the length of a field is otherwise. */
const ABSENT = -1
const NUMBER = -2

/** As readSamples. @throws {LogqlError} when a limit is reached */
export async function readColumns(
  reading: RowReading,
  plan: ColumnPlan,
  budget: Budget,
): Promise<SampleSeries[]> {
  const rows = new RowReader(reading, plan)
  for await (const block of reading.blocks) {
    budget.spendBlock(block.rows, block.bytes.length)
    rows.read(block)
  }
  return rows.collector.all
}

class RowReader {
  readonly collector = new Collector()
  readonly #reading: RowReading
  readonly #plan: ColumnPlan
  readonly #outcomes = new Outcomes<Outcome>()
  /** The field with the value; -1 without one. */
  readonly #direct: number
  /** By origin: whether the label of the value is one of its own, so that it isn't the field. 0: not looked at yet. */
  readonly #taken: (boolean | undefined)[] = []

  constructor(reading: RowReading, plan: ColumnPlan) {
    this.#reading = reading
    this.#plan = plan
    this.#direct = plan.direct === undefined ? -1 : plan.fields.names.indexOf(plan.direct)
  }

  read(block: RowBlock): void {
    const { rows, origins, times, bytes, starts, ends } = block
    const { fields, isBytes, start } = this.#plan
    const outcomes = this.#outcomes
    for (let row = 0; row < rows; row++) {
      const from = starts[row]!
      const to = ends[row]!
      const origin = origins[row]!
      let outcome: Outcome | undefined
      let value = NaN
      if (from < 0 || !fields.scan(bytes, from, to)) outcome = this.#readLine(block, row)
      else {
        const direct = this.#direct >= 0 && !this.#isTaken(origin) ? this.#direct : -1
        if (direct >= 0 && fields.starts[direct]! >= 0)
          value = plainNumber(bytes, fields.starts[direct]!, fields.ends[direct]!)
        if (this.#key(origin, bytes, Number.isNaN(value) ? -1 : direct)) {
          outcome = outcomes.get()
          if (outcome === undefined) outcomes.add((outcome = this.#readLine(block, row)))
          if (isBytes) value = to - from
        } else outcome = this.#readLine(block, row)
      }
      const { series } = outcome
      if (series === undefined) continue
      series.times.push(times[row]! + start)
      series.values.push(Number.isNaN(value) ? outcome.value : value)
    }
  }

  /** Sends a line through the stages. */
  #readLine(block: RowBlock, row: number): Outcome {
    const { stream, metadata } = this.#reading.originOf(block.origins[row]!)
    const entry = { stream, metadata, line: block.line(row), seconds: 0, nanos: 0 }
    const sample = readEntry(this.#plan.reader, entry)
    if (sample === undefined) return { series: undefined, value: 0 }
    return { series: this.collector.of(sample[0]), value: sample[1] }
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
