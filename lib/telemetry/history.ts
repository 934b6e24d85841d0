/**
 * Metrics of the last hours, in memory: each series is a ring of numbers, all rings share one ring of times. Six hours of
 * a reading every 15 s are 1,440 numbers, 11.5 kB a series, so 1,000 series, the most there can be, take 11.5 MB.
 */
import type { MetricType } from './family.ts'

/** One number of a moment. */
export interface Reading {
  readonly name: string
  readonly type: MetricType
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A series over the times of a `Recorded`; `null` where it wasn't there. */
export interface RecordedSeries {
  readonly name: string
  readonly type: MetricType
  readonly labels: Readonly<Record<string, string>>
  readonly values: readonly (number | null)[]
}

export interface Recorded {
  /** Milliseconds of Unix time, rising. */
  readonly times: readonly number[]
  readonly series: readonly RecordedSeries[]
  /** Series of the last reading that found no place. */
  readonly leftOut: number
}

export interface HistoryLimits {
  readonly series: number
  /** Readings that are kept. */
  readonly slots: number
}

export const HISTORY_LIMITS: HistoryLimits = { series: 1000, slots: 1440 }

interface Ring {
  readonly reading: Omit<Reading, 'value'>
  readonly values: Float64Array
  /** Number of the reading that it was last part of. */
  seen: number
}

export class History {
  readonly #limits: HistoryLimits
  readonly #times: Float64Array
  readonly #rings = new Map<string, Ring>()
  /** How many readings there have been. */
  #count = 0
  #leftOut = 0

  constructor(limits = HISTORY_LIMITS) {
    this.#limits = limits
    this.#times = new Float64Array(limits.slots)
  }

  /** Takes what was read at `at` (milliseconds of Unix time); of too many new series the first ones find a place. */
  record(at: number, readings: readonly Reading[]): void {
    const slot = this.#count % this.#limits.slots
    this.#times[slot] = at
    this.#leftOut = 0
    for (const ring of this.#rings.values()) ring.values[slot] = Number.NaN
    this.#forget()
    for (const reading of readings) {
      const ring = this.#ringOf(reading)
      if (ring === undefined) {
        this.#leftOut++
        continue
      }
      ring.values[slot] = reading.value
      ring.seen = this.#count
    }
    this.#count++
  }

  /** What was recorded from `from` on, at most `points` moments of it, always with the newest. */
  read(wanted: (reading: Omit<Reading, 'value'>) => boolean, from: number, points: number): Recorded {
    const slots = this.#slotsSince(from)
    const step = Math.max(1, Math.ceil(slots.length / points))
    const taken = slots.filter((_slot, i) => (slots.length - 1 - i) % step === 0)
    return {
      times: taken.map((slot) => this.#times[slot]!),
      series: [...this.#rings.values()]
        .filter(({ reading }) => wanted(reading))
        .map(({ reading: { name, type, labels }, values }) => ({
          name,
          type,
          labels,
          values: taken.map((slot) => (Number.isNaN(values[slot]) ? null : values[slot]!)),
        })),
      leftOut: this.#leftOut,
    }
  }

  // From the oldest to the newest.
  #slotsSince(from: number): number[] {
    const { slots } = this.#limits
    const found: number[] = []
    for (let i = Math.max(0, this.#count - slots); i < this.#count; i++)
      if (this.#times[i % slots]! >= from) found.push(i % slots)
    return found
  }

  #ringOf(reading: Reading): Ring | undefined {
    const { name, type, labels } = reading
    const key = JSON.stringify([name, labels])
    const known = this.#rings.get(key)
    if (known !== undefined || this.#rings.size >= this.#limits.series) return known
    const ring: Ring = {
      reading: { name, type, labels },
      values: new Float64Array(this.#limits.slots).fill(Number.NaN),
      seen: this.#count,
    }
    this.#rings.set(key, ring)
    return ring
  }

  // Series of which nothing is left.
  #forget(): void {
    const oldest = this.#count - this.#limits.slots
    for (const [key, { seen }] of this.#rings) if (seen <= oldest) this.#rings.delete(key)
  }
}
