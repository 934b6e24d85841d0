/** The routes of `loki.source.api`: what a request brings is decoded, handed on, and answered when it is safe. */
import { decodeBody, readBody } from '../../loki/body.ts'
import { decodeLokiPush, mediaType, NO_MEDIA_TYPE } from '../../loki/push-request.ts'
import { Turns } from '../../flow/turns.ts'
import { text, type Answer, type Request, type Route } from '../../net/server/router.ts'
import type { PushIntake, Settled } from './intake.ts'
import type { EntryMaker, PushEntries } from './push-entries.ts'

/** A push that is larger is never taken: decoded, its bytes can take 40 times the memory. Loki's own default is 4 MiB. */
export const MAX_PUSH_BYTES = 16 * 1024 * 1024

/** Each takes some 200 bytes beyond its text: a push of empty lines mustn't become a gigabyte. */
const MAX_PUSH_ENTRIES = 200_000

/** Seconds after which a client that was put off should try again. */
const RETRY_AFTER_S = '1'

export interface RouteOptions {
  readonly intake: PushIntake
  /** Those of the present options. */
  readonly maker: () => EntryMaker
  /** Bytes of a push, packed or unpacked. */
  readonly maxBytes: number
  /** How long a push waits for its entries, in milliseconds; 0: no limit. */
  readonly timeoutMs: number
  readonly counts: { written(entries: number): void; refused(status: number): void }
}

/** What a body became; `error` is what is wrong with a part of it. */
type Decoded = { readonly ok: true; readonly push: PushEntries; readonly error?: string } | Refusal

interface Refusal {
  readonly ok: false
  readonly status: number
  readonly message: string
}

type Decode = (bytes: Buffer, request: Request) => Promise<Decoded>

export function apiRoutes(options: RouteOptions): Route[] {
  const receiver = new Receiver(options)
  const post = (path: string, decode: Decode): Route => ({
    methods: ['POST'],
    path,
    handle: (request) => receiver.receive(request, decode),
  })
  return [
    ...['/loki/api/v1/push', '/api/v1/push'].map((path) => post(path, decodePush(options))),
    ...['/loki/api/v1/raw', '/api/v1/raw'].map((path) => post(path, decodeRaw(options))),
    { methods: ['GET'], path: '/ready', handle: () => ({ status: 200, body: 'ready' }) },
  ]
}

class Receiver {
  readonly #options: RouteOptions
  /** One body is unpacked and decoded at a time: what it will take isn't known before. */
  readonly #turns = new Turns({ running: 1 })

  constructor(options: RouteOptions) {
    this.#options = options
  }

  async receive(request: Request, decode: Decode): Promise<Answer> {
    const answer = await this.#receive(request, decode)
    if (answer.status >= 400) this.#options.counts.refused(answer.status)
    return answer
  }

  async #receive(request: Request, decode: Decode): Promise<Answer> {
    const { intake, maxBytes, timeoutMs, counts } = this.#options
    if (intake.stopping) return later('logstream is stopping')
    const stated = Number(request.headers['content-length'] ?? maxBytes)
    if (stated > maxBytes) return refused(tooLarge(maxBytes))
    const release = intake.book(stated)
    if (release === undefined) return full()
    const body = await readBody(request.raw, maxBytes)
    if (!body.ok) {
      release()
      return refused(body.status === 413 ? tooLarge(maxBytes) : body)
    }
    const decoded = await this.#decode(body.bytes, request, decode)
    release()
    if (!decoded.ok) return refused(decoded)
    if (decoded.push.entries.length > MAX_PUSH_ENTRIES) return refused(tooMany())
    const done = intake.book(sizeOf(decoded.push))
    if (done === undefined) return full()
    if (!intake.stopping) counts.written(decoded.push.entries.length)
    return answerOf(await intake.push(decoded.push, timeoutMs, done), decoded.error)
  }

  async #decode(bytes: Buffer, request: Request, decode: Decode): Promise<Decoded> {
    const { maxBytes } = this.#options
    const end = await this.#turns.take()
    try {
      const unpacked = await decodeBody(bytes, request.headers['content-encoding'] ?? '', maxBytes)
      const decoded = unpacked.ok ? await decode(unpacked.bytes, request) : unpacked
      return !decoded.ok && decoded.status === 413 ? tooLarge(maxBytes) : decoded
    } finally {
      end?.()
    }
  }
}

function decodePush({ maker, maxBytes }: RouteOptions): Decode {
  return async (bytes, { headers }) => {
    const type = mediaType(headers)
    if (type === undefined) return { ok: false, status: 400, message: NO_MEDIA_TYPE }
    let error: string | undefined
    const decoded = await decodeLokiPush(bytes, type, maxBytes, (bad) => (error ??= bad))
    if (!decoded.ok) return decoded
    const tenant = headers['x-scope-orgid'] ?? ''
    return { ok: true, push: maker().ofStreams(decoded.streams, String(tenant)), error }
  }
}

function decodeRaw({ maker }: RouteOptions): Decode {
  return async (bytes) => ({ ok: true, push: maker().ofLines(bytes.toString('utf8')) })
}

function answerOf(settled: Settled, error: string | undefined): Answer {
  if (settled === 'stopping')
    return later('logstream is stopping: push again, since not all entries are safe')
  if (settled === 'late') return later('the entries are not safe yet: push again')
  if (settled.lost === true) return later(`some entries could not be kept (${settled.reason}): push again`)
  return error === undefined
    ? { status: 204, body: '' }
    : text(400, `${error}; streams with readable labels were taken`)
}

/** Bytes that the entries of a push hold, roughly: text takes one or two a character, and each entry its own. */
function sizeOf({ entries }: PushEntries): number {
  let bytes = 0
  for (const { line, structuredMetadata } of entries) {
    bytes += line.length + ENTRY_BYTES
    for (const [name, value] of structuredMetadata) bytes += name.length + value.length + ENTRY_BYTES
  }
  return bytes
}

const ENTRY_BYTES = 100

function full(): Answer {
  return later('too many pushes are waiting for their entries to be delivered: push again')
}

function later(message: string): Answer {
  return { ...text(503, message), headers: { 'retry-after': RETRY_AFTER_S } }
}

function refused({ status, message }: Refusal): Answer {
  return text(status, message)
}

function tooMany(): Refusal {
  return {
    ok: false,
    status: 413,
    message: `the push has more than ${MAX_PUSH_ENTRIES} entries: send smaller batches`,
  }
}

function tooLarge(limit: number): Refusal {
  return {
    ok: false,
    status: 413,
    message: `the push is larger than ${limit} bytes, packed or unpacked: send smaller batches`,
  }
}
