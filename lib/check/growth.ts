/** Whether the number of different values grows with the number of lines, or has settled. */

export interface Growth {
  /** Different values in the sample. */
  readonly distinct: number
  /** Those first seen in the second half of the entries. */
  readonly late: number
  /**
   * The exponent b in `distinct = c * entries^b` (Heaps' law), from the half and the whole of the sample: 0 for a set that
   * is complete by half, 1 when every entry brings a new value.
   */
  readonly exponent: number
  /** It doesn't settle: see `GROWING`. */
  readonly grows: boolean
}

/** Half of the growth of ids. 40 values evenly spread over 100 lines have 0.36. */
const GROWING = 0.5

/** Fewer values say nothing about growth, and hurt no one. */
const FEW = 20

/** `firstSeen`: at which of the `entries` each value came first, counted from 1. */
export function growthOf(firstSeen: readonly number[], entries: number): Growth {
  const distinct = firstSeen.length
  const late = firstSeen.filter((at) => at > entries / 2).length
  const early = Math.max(distinct - late, distinct / 2)
  const exponent = distinct === 0 ? 0 : Math.log2(distinct / early)
  return { distinct, late, exponent, grows: distinct >= FEW && exponent >= GROWING }
}

/** Returns after how many entries there will be `count` values, for a set that grows. */
export function entriesUntil(count: number, { distinct, exponent }: Growth, entries: number): number {
  return entries * (count / distinct) ** (1 / exponent)
}
