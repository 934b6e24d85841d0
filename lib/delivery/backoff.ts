/** How long to wait before a batch is sent again. */
import type { Answer } from './destination.ts'

export interface Backoff {
  /** Milliseconds. */
  readonly min: number
  readonly max: number
}

/** The longest wait that a destination may ask for: five minutes. */
export const LONGEST_RETRY_AFTER_MS = 300_000

/**
 * Returns the milliseconds to wait after the `attempt`th failure (from 1): between min and twice that, both doubling with
 * each failure up to max, but no less than the destination asked for. `random` returns 0 to 1.
 */
export function backoffDelay(
  { min, max }: Backoff,
  attempt: number,
  random: () => number,
  { retryAfterMs = 0 }: Pick<Answer, 'retryAfterMs'> = {},
): number {
  const low = Math.min(min * 2 ** (attempt - 1), max)
  const high = Math.min(low * 2, max)
  return Math.max(low + (high - low) * random(), Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS))
}
