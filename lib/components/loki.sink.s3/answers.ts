/** What an answer of S3 means to delivery. */
import type { Answer, AnswerKind } from '../../delivery/destination.ts'
import type { BucketAnswer } from '../../net/s3/requests.ts'

/**
 * Errors (docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html) with a status below 500 that another attempt can
 * mend: damage on the way, keys that are renewed, clocks that are set.
 */
const PASSING: ReadonlySet<string> = new Set([
  'BadDigest',
  'ExpiredToken',
  'IncompleteBody',
  'OperationAborted',
  'RequestTimeTooSkewed',
  'RequestTimeout',
  'SlowDown',
  'XAmzContentSHA256Mismatch',
])

export function answerOf({ code, message, status, retryAfterMs }: BucketAnswer): Answer {
  return { status, retryAfterMs, reason: code === '' ? message : `${code}: ${message}` }
}

/**
 * Nothing of what a batch holds can be the reason for a refusal, except that it is too much. A bucket that is asked to
 * `SlowDown` counts requests, not bytes: halves of the batch would be more of them.
 */
export function classify({ status, reason }: Answer): AnswerKind {
  if (status >= 200 && status < 300) return 'accepted'
  const code = codeIn(reason)
  if (status === 413 || code === 'EntityTooLarge') return 'too_large'
  if (status < 300 || status >= 500 || status === 408 || status === 429 || PASSING.has(code))
    return 'unavailable'
  return 'denied'
}

/** For counting. */
export function refusalName({ reason }: Answer): string {
  return codeIn(reason) === 'EntityTooLarge' ? 'entity_too_large' : 'refused'
}

function codeIn(reason: string): string {
  return /^[A-Za-z0-9]+(?=: )/.exec(reason)?.[0] ?? ''
}
