/** Takes pushes within bounds of memory, whatever they carry and however they come: decoded, handed on, answered when safe. */
import { Turns } from '../flow/turns.ts'
import type { PushEntries, PushIntake, Settled } from '../intake/push-intake.ts'
import type { Request } from '../net/server/router.ts'
import { readBody, tooLarge, type Body } from './body.ts'

/** A push that is larger is never taken: decoded, its bytes can take 40 times the memory. Loki's own default is 4 MiB. */
export const MAX_PUSH_BYTES = 16 * 1024 * 1024

/** Each takes some 200 bytes beyond its text: a push of empty lines mustn't become a gigabyte. Refused ones count too. */
export const MAX_PUSH_ENTRIES = 200_000

/** Seconds after which a client that was put off should try again. */
export const RETRY_AFTER_S = 1

/** Why a push isn't taken, with the HTTP status that says so. */
export interface Refusal {
  readonly ok: false
  readonly status: number
  readonly message: string
}

/** What a body became; `error` is what is wrong with a part of it. */
export type Decoded = { readonly ok: true; readonly push: PushEntries; readonly error?: string } | Refusal

/** What became of a push: all that was decoded is safe, or all of it is refused for good, or it must come again. */
export type PushResult =
  | { readonly kind: 'taken'; readonly error: string | undefined }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  | { readonly kind: 'later'; readonly message: string }

export interface PushReceiverOptions {
  readonly intake: PushIntake
  /** Bytes of a push, packed or unpacked. */
  readonly maxBytes: number
  /** How long a push waits for its entries, in milliseconds; 0: no limit. */
  readonly timeoutMs: number
  readonly counts: {
    taken(entries: number): void
    /** `status` is that of HTTP, also for gRPC. */
    refused(status: number): void
  }
}

export class PushReceiver {
  readonly #options: PushReceiverOptions
  /** One body is unpacked and decoded at a time: what it will take isn't known before. */
  readonly #turns = new Turns({ running: 1 })

  constructor(options: PushReceiverOptions) {
    this.#options = options
  }

  /** Takes the body of an HTTP request; `decode` unpacks it too. */
  async receive(request: Request, decode: (packed: Buffer) => Promise<Decoded>): Promise<PushResult> {
    const { maxBytes } = this.#options
    const stated = Number(request.headers['content-length'] ?? maxBytes)
    return await this.#bounded(stated, () => readBody(request.raw, maxBytes), decode)
  }

  /** Counts a push that is refused before its body is read. */
  refuse(refusal: Refusal): PushResult {
    this.#options.counts.refused(refusal.status)
    return refused(refusal)
  }

  /** Takes a message that has been read already. */
  async receiveMessage(bytes: Buffer, decode: (bytes: Buffer) => Promise<Decoded>): Promise<PushResult> {
    return await this.#bounded(bytes.length, () => Promise.resolve({ ok: true, bytes }), decode)
  }

  async #bounded(
    stated: number,
    read: () => Promise<Body>,
    decode: (bytes: Buffer) => Promise<Decoded>,
  ): Promise<PushResult> {
    const result = await this.#receive(stated, read, decode)
    if (result.kind === 'refused') this.#options.counts.refused(result.status)
    else if (result.kind === 'later') this.#options.counts.refused(503)
    else if (result.error !== undefined) this.#options.counts.refused(400)
    return result
  }

  async #receive(
    stated: number,
    read: () => Promise<Body>,
    decode: (bytes: Buffer) => Promise<Decoded>,
  ): Promise<PushResult> {
    const { intake, maxBytes, timeoutMs, counts } = this.#options
    if (intake.stopping) return later('logstream is stopping')
    if (stated > maxBytes) return refused(tooLarge(maxBytes))
    const release = intake.book(stated)
    if (release === undefined) return full()
    const decoded = await this.#decoded(read, decode)
    release()
    if (!decoded.ok) return refused(decoded)
    const { push, error } = decoded
    if (push.entries.length + push.ended.length > MAX_PUSH_ENTRIES) return tooMany()
    const done = intake.book(sizeOf(push))
    if (done === undefined) return full()
    if (!intake.stopping) counts.taken(push.entries.length)
    return resultOf(await intake.push(push, timeoutMs, done), error)
  }

  async #decoded(read: () => Promise<Body>, decode: (bytes: Buffer) => Promise<Decoded>): Promise<Decoded> {
    const body = await read()
    if (!body.ok) return body
    const end = await this.#turns.take()
    try {
      return await decode(body.bytes)
    } finally {
      end?.()
    }
  }
}

function resultOf(settled: Settled, error: string | undefined): PushResult {
  if (settled === 'stopping')
    return later('logstream is stopping: push again, since not all entries are safe')
  if (settled === 'late') return later('the entries are not safe yet: push again')
  if (settled.lost === true) return later(`some entries could not be kept (${settled.reason}): push again`)
  return { kind: 'taken', error }
}

/** Bytes that the entries of a push hold, roughly: text takes one or two a character, and each entry its own. */
function sizeOf({ entries, bytes: known = 0 }: PushEntries): number {
  let bytes = known
  for (const { line, structuredMetadata } of entries) {
    bytes += line.length + ENTRY_BYTES
    for (const [name, value] of structuredMetadata) bytes += name.length + value.length + ENTRY_BYTES
  }
  return bytes
}

const ENTRY_BYTES = 100

function full(): PushResult {
  return later('too many pushes are waiting for their entries to be delivered: push again')
}

function later(message: string): PushResult {
  return { kind: 'later', message }
}

function refused({ status, message }: Refusal): PushResult {
  return { kind: 'refused', status, message }
}

function tooMany(): PushResult {
  const message = `the push has more than ${MAX_PUSH_ENTRIES} entries: send smaller batches`
  return { kind: 'refused', status: 413, message }
}
