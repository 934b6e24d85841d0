/** Points in time of queries: nanoseconds since 1970 as a bigint, and as the pair that stores use. */
import type { Moment } from './querier.ts'

const SECOND = 1_000_000_000n

export function momentOf(nanos: bigint): Moment {
  const rest = ((nanos % SECOND) + SECOND) % SECOND
  return { seconds: Number((nanos - rest) / SECOND), nanos: Number(rest) }
}

export function nanosOf({ seconds, nanos }: Moment): bigint {
  return BigInt(seconds) * SECOND + BigInt(nanos)
}

/** The text of a time in Loki's answers, nanoseconds since 1970. */
export function nanosText({ seconds, nanos }: Moment): string {
  if (seconds > 0) return `${seconds}${String(nanos).padStart(9, '0')}`
  return String(nanosOf({ seconds, nanos }))
}

/** Seconds with milliseconds, as points of metrics are stamped. */
export function stampOf(nanos: bigint): number {
  return Number(nanos / 1_000_000n) / 1000
}

/** The multiple of `step` at or before a time. */
export function floorTo(nanos: bigint, step: bigint): bigint {
  const rest = ((nanos % step) + step) % step
  return nanos - rest
}
