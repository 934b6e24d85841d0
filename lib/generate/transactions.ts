/** Sample transaction lines: `date|start_time|end_time|latency|method|detail|status|code`. */
import { seededRandom } from './random.ts'

export interface TransactionOptions {
  /** Equal seeds and starts give equal lines. */
  readonly seed: number
  /** Share of lines in another format, 0 to 1. */
  readonly badShare: number
}

const METHODS = ['CashIn', 'CashOut', 'STP-OUT', 'STP-IN', 'Transfer', 'Refund'] as const
const SUCCESSES = [
  'Transfer completed successfully',
  'Payment processed',
  'Funds received',
  'Order settled',
] as const
const FAILURES: readonly (readonly [string, number])[] = [
  ['Insufficient funds', 400],
  ['Account not found', 404],
  ['Limit exceeded', 429],
  ['Internal server error', 500],
  ['Upstream time-out', 504],
]
const BAD_LINES = [
  'java.lang.NullPointerException: amount must not be null',
  '\tat com.example.payments.Transfer.execute(Transfer.java:118)',
  'GET /health 200 1ms',
  'connection reset by peer|retrying',
] as const

/** A function that gives the line of a transaction that starts at `at` (milliseconds of Unix time). */
export function transactionSource({ seed, badShare }: TransactionOptions): (at: number) => string {
  const random = seededRandom(seed)
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!
  return (at) => {
    if (random() < badShare) return `${stamp(at)} ${pick(BAD_LINES)}`
    // Most are quick, some are slow by orders of magnitude, as real latencies are.
    const latency = Math.round(20 * Math.exp(random() * 3 + (random() < 0.05 ? 3 : 0)))
    const failed = random() < 0.12
    const [detail, code] = failed ? pick(FAILURES) : [pick(SUCCESSES), random() < 0.3 ? 0 : 200]
    const day = stamp(at).slice(0, 10)
    const status = failed ? 'FAILED' : 'SUCCESS'
    return `${day}|${clock(at)}|${clock(at + latency)}|${latency}|${pick(METHODS)}|${detail}|${status}|${code}`
  }
}

function stamp(at: number): string {
  return new Date(at).toISOString()
}

function clock(at: number): string {
  return stamp(at).slice(11, 23)
}
