/** What the two ways to Loki, HTTP and gRPC, look like to the rest. */
import type { Answer } from '../delivery/destination.ts'

export interface Transport {
  /**
   * Sends one push request (protobuf in a snappy block) for a tenant (empty: no header). Never rejects: a failure on
   * the way is an answer with status 0; gRPC codes are mapped to HTTP statuses. Stops when `signal` aborts.
   */
  push(body: Buffer, tenant: string, signal: AbortSignal): Promise<Answer>
  close(): Promise<void>
}

/** The URL for people: without user and password. */
export function redactUrl(url: URL): string {
  if (url.username === '' && url.password === '') return url.href
  const shown = new URL(url)
  shown.username = 'redacted'
  shown.password = ''
  return shown.href
}
