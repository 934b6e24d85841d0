/** What the two ways to Loki, HTTP and gRPC, look like to the sender of batches. */
import type { PushAnswer } from './retry.ts'

export interface Transport {
  /**
   * Sends one push request (protobuf in a snappy block) for a tenant (empty: no header). Never rejects: what goes
   * wrong on the way is an answer with status 0. Gives up when `signal` is aborted.
   */
  push(body: Buffer, tenant: string, signal: AbortSignal): Promise<PushAnswer>
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
