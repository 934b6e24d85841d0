/** What came of sending to Kafka, and what it means to delivery. */
import type { Answer, AnswerKind } from '../../delivery/destination.ts'
import { KafkaError } from '../../net/kafka/client.ts'

/** Above all numbers of Kafka's errors. */
const APPENDED = 1000
/** Not sent: an entry is larger than `max_message_size`. */
export const TOO_LARGE_HERE = 1001

/** Kafka's errors (kafka.apache.org/protocol, "Error Codes") that no retry mends, by what they say. */
const KINDS: ReadonlyMap<string, AnswerKind> = new Map([
  ['MESSAGE_TOO_LARGE', 'too_large'],
  ['RECORD_LIST_TOO_LARGE', 'too_large'],
  ['INVALID_TIMESTAMP', 'refused'],
  ['INVALID_RECORD', 'refused'],
  ['THROTTLING_QUOTA_EXCEEDED', 'slow_down'],
  ['UNKNOWN_TOPIC_OR_PARTITION', 'denied'],
  ['INVALID_TOPIC_EXCEPTION', 'denied'],
  ['TOPIC_AUTHORIZATION_FAILED', 'denied'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'denied'],
  ['SASL_AUTHENTICATION_FAILED', 'denied'],
  ['UNSUPPORTED_SASL_MECHANISM', 'denied'],
  ['UNSUPPORTED_VERSION', 'denied'],
])

export const ACCEPTED: Answer = { status: APPENDED, reason: '' }

/** `numbers`: Kafka's errors by name. */
export function answerOf(
  error: unknown,
  numbers: Readonly<Record<string, { readonly code: number }>>,
): Answer {
  if (!(error instanceof KafkaError)) return { status: 0, reason: String(error) }
  // Of several, one that no retry mends: the others come again.
  const name = [...error.codes].find((code) => KINDS.has(code)) ?? [...error.codes][0]
  if (name === undefined) return { status: 0, reason: error.message }
  return { status: numbers[name]?.code ?? 0, reason: `${name}: ${error.message}` }
}

export function classify({ status, reason }: Answer): AnswerKind {
  if (status === APPENDED) return 'accepted'
  if (status === TOO_LARGE_HERE) return 'refused'
  return KINDS.get(nameIn(reason)) ?? 'unavailable'
}

/** For counting: Kafka's name in lower case. */
export function refusalName({ status, reason }: Answer): string {
  return status === TOO_LARGE_HERE ? 'message_too_large' : nameIn(reason).toLowerCase() || 'refused'
}

function nameIn(reason: string): string {
  return /^[A-Z_]+(?=:)/.exec(reason)?.[0] ?? ''
}
