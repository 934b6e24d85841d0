/** Slides the windows of a range aggregation over samples as they are read, so that no more are held than one window has. */
import type { Aggregator } from './range-functions.ts'
import type { SeriesLabels } from './series-labels.ts'

/** The windows of all steps. */
export interface Windows {
  /** Their length, and the time from one to the next, in nanoseconds. */
  readonly interval: number
  readonly step: number
  /** How many there are. */
  readonly count: number
  readonly aggregate: Aggregator
}

/** V8 keeps arrays of so few numbers in its own heap, where they cost less. */
const FIRST_LENGTH = 8

/** Samples come in the order of time. */
export class WindowedSeries {
  readonly labels: SeriesLabels
  /** Nanoseconds from the first step, with the offset of the range applied; of `count` samples, as are the values. */
  times = new Float64Array(FIRST_LENGTH)
  values = new Float64Array(FIRST_LENGTH)
  count = 0
  readonly #windows: Windows
  /** The window at hand: its number, its first sample, and its end. */
  #step = 0
  #from = 0
  #end: number
  /** The windows that had samples, and what was made of them. */
  readonly #steps: number[] = []
  readonly #results: number[] = []
  #taken = 0

  constructor(labels: SeriesLabels, windows: Windows) {
    this.labels = labels
    this.#windows = windows
    this.#end = this.#endOf(0)
  }

  add(time: number, value: number): void {
    if (time > this.#end) this.#finish(time)
    if (this.count === this.times.length) this.#makeRoom()
    this.times[this.count] = time
    this.values[this.count++] = value
  }

  /** Ends the windows that are left: there are no more samples. */
  end(): void {
    this.#finish(Infinity)
  }

  /** The result of a window, `undefined` without samples. Asked for in order, once for each. */
  resultOf(step: number): number | undefined {
    return this.#steps[this.#taken] === step ? this.#results[this.#taken++] : undefined
  }

  /** Ends the windows before the one that a time belongs to. A window is open at its start, closed at its end. */
  #finish(time: number): void {
    const { times, values, count } = this
    for (; time > this.#end; this.#end = this.#endOf(++this.#step)) {
      this.#pass()
      if (this.#from === count) continue
      const window = { times, values, from: this.#from, to: count, end: this.#end }
      this.#steps.push(this.#step)
      this.#results.push(this.#windows.aggregate(window))
    }
  }

  /** Passes the samples that are before the window at hand. */
  #pass(): void {
    const start = this.#end - this.#windows.interval
    while (this.#from < this.count && this.times[this.#from]! <= start) this.#from++
  }

  #endOf(step: number): number {
    return step < this.#windows.count ? step * this.#windows.step : Infinity
  }

  /** Forgets what is before the window at hand, and grows where that is less than half. */
  #makeRoom(): void {
    this.#pass()
    const { times, values, count } = this
    const from = this.#from
    if (from < count / 2) {
      this.times = new Float64Array(2 * count)
      this.values = new Float64Array(2 * count)
    }
    this.times.set(times.subarray(from, count))
    this.values.set(values.subarray(from, count))
    this.count -= from
    this.#from = 0
  }
}

/** The series of a range aggregation. */
export class SeriesTable {
  readonly #windows: Windows
  readonly #series = new Map<string, WindowedSeries>()

  constructor(windows: Windows) {
    this.#windows = windows
  }

  /** The series with these labels, made if need be. */
  of(labels: SeriesLabels): WindowedSeries {
    let series = this.#series.get(labels.key)
    if (series === undefined)
      this.#series.set(labels.key, (series = new WindowedSeries(labels, this.#windows)))
    return series
  }

  /** In the order of their first samples. */
  get all(): WindowedSeries[] {
    return [...this.#series.values()]
  }
}
