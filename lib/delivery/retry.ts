/** When a push is tried again, and after how long: pure decisions, as Alloy's `loki.write` takes them. */

/** What a push came to: an HTTP status, or 0 when no answer came. gRPC codes are mapped to HTTP statuses. */
export interface PushAnswer {
  readonly status: number
  /** The start of the answer's text, or what went wrong on the way. */
  readonly reason: string
}

/**
 * accepted; retry (no answer, 429, 5xx); rate_limited (a 429 that the config does not want retried); too_large
 * (send it in parts); refused (entries are bad: find out which); rejected (everything is: address, credentials).
 */
export type AnswerKind = 'accepted' | 'retry' | 'rate_limited' | 'too_large' | 'refused' | 'rejected'

// Answers with status 400 that speak of the request, not of entries: they come from proxies and from plain HTTP on
// a TLS port. To look for bad entries would end in refusing them all.
const ABOUT_THE_REQUEST = /^\s*<|HTTP request to an HTTPS server|^mime: |^Content-Encoding |^snappy: /i

export function classify(answer: PushAnswer, retryOn429: boolean): AnswerKind {
  const { status, reason } = answer
  if (status >= 200 && status < 300) return 'accepted'
  if (status === 429) return retryOn429 ? 'retry' : 'rate_limited'
  if (status === 413) return 'too_large'
  if (status === 400 || status === 422) return ABOUT_THE_REQUEST.test(reason) ? 'rejected' : 'refused'
  if (status === 0 || status >= 500) return 'retry'
  return 'rejected'
}

// Loki's texts about label sets: every entry of the stream shares the fault.
const ABOUT_LABELS =
  /couldn't parse labels|has \d+ label names; limit|has label (?:name|value) too long|has duplicate label name|at least one label pair/

/** Whether Loki's reason, given for a push of one stream, refuses each of its entries. */
export function refusesWholeStream(reason: string): boolean {
  return ABOUT_LABELS.test(reason)
}

// Loki's texts, and the names under which its own metric of discarded samples counts them.
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/bytes exceeded for stream|max entry size/, 'line_too_long'],
  [/timestamp too new/, 'too_far_in_future'],
  [/timestamp too old/, 'greater_than_max_sample_age'],
  [/too far behind|out of order/, 'too_far_behind'],
  [/label names; limit/, 'max_label_names_per_series'],
  [/label name too long/, 'label_name_too_long'],
  [/label value too long/, 'label_value_too_long'],
  [/duplicate label name/, 'duplicate_label_names'],
  [/couldn't parse labels|label pair is required/, 'invalid_labels'],
  [/structured metadata/, 'structured_metadata'],
]

/** A short name for why an entry was refused, one of a few: for counting. */
export function refusalName({ status, reason }: PushAnswer): string {
  const known = REASONS.find(([pattern]) => pattern.test(reason))
  return known?.[1] ?? (status === 413 ? 'too_large' : 'refused')
}

export interface Backoff {
  /** Milliseconds. */
  readonly min: number
  readonly max: number
}

/**
 * How long to wait after the `attempt`th failure (from 1): somewhere between min and twice that, both doubling
 * with each failure up to max. `random` gives 0 to 1.
 */
export function backoffDelay({ min, max }: Backoff, attempt: number, random: () => number): number {
  const low = Math.min(min * 2 ** (attempt - 1), max)
  const high = Math.min(low * 2, max)
  return low + (high - low) * random()
}
