/** Stores what a push brought and says how it is answered: the rules that all ways of pushing share. */
import { NO_METADATA, type StructuredMetadata } from '../../flow/entry.ts'
import { messageOf } from '../../errors.ts'
import { normalMetadata } from '../../loki/metadata-names.ts'
import type { PushedEntry, PushedStream } from '../../loki/pushed.ts'
import type { Refusal } from '../limits.ts'
import { emptyParcel } from '../rows.ts'
import type { LogStore } from '../store.ts'

/** `status` is an HTTP status: 204, or 400, 422, 429, 500, 503 with a message. */
export interface PushAnswer {
  readonly status: number
  readonly message: string
}

/** Counts what pushes bring, for the metrics. */
export interface PushCounts {
  received(lines: number, bytes: number): void
  discarded(reason: string, lines: number, bytes: number): void
}

const DONE: PushAnswer = { status: 204, message: '' }

/**
 * Resolves when everything that was taken is safe on disk. Entries that break a limit are dropped, the others are
 * stored, and the answer is then 400 (429 for too many streams), with each kind of mistake told once.
 */
export async function storePush(
  store: LogStore,
  streams: readonly PushedStream[],
  counts: PushCounts,
  addServiceName = true,
): Promise<PushAnswer> {
  if (store.writer.isFull)
    return { status: 429, message: 'the store has more to write than it can hold: try again in a moment' }
  if (streams.length === 0) return { status: 422, message: 'a push needs at least one stream, found none' }
  const bad = firstBadName(streams)
  if (bad !== undefined)
    return {
      status: 500,
      message: `structured metadata has the name "${bad}", of which no valid name can be made`,
    }
  const refusals = new Refusals()
  const stored = await new Promise<Error | undefined>((resolve) => {
    const parcel = emptyParcel(resolve)
    const now = store.writer.now()
    for (const stream of streams) putStream(stream)
    store.writer.add(parcel)

    function putStream({ labels, entries }: PushedStream): void {
      if (entries.length === 0) return
      const answer = store.stream(labels, addServiceName)
      const lines = { all: 0, bytes: 0 }
      for (const entry of entries) {
        const size = entrySize(entry)
        lines.all++
        lines.bytes += size
        const refusal = answer.ok ? store.put(parcel, answer.stream, normalised(entry), now) : answer.refusal
        if (refusal === undefined) continue
        refusals.add(refusal)
        counts.discarded(refusal.reason, 1, size)
      }
      counts.received(lines.all, lines.bytes)
    }
  })
  if (stored !== undefined)
    return { status: 503, message: `the store cannot take entries at the moment: ${messageOf(stored)}` }
  return refusals.answer ?? DONE
}

/** Bytes of an entry as Loki counts them: line and structured metadata. */
export function entrySize({ line, structuredMetadata }: PushedEntry): number {
  let size = Buffer.byteLength(line)
  for (const [name, value] of structuredMetadata) size += Buffer.byteLength(name) + Buffer.byteLength(value)
  return size
}

function normalised(entry: PushedEntry): PushedEntry {
  if (entry.structuredMetadata.length === 0) return entry
  const { seconds, nanos, line } = entry
  return { seconds, nanos, line, structuredMetadata: validMetadata(entry.structuredMetadata) }
}

function validMetadata(metadata: StructuredMetadata): StructuredMetadata {
  const normal = normalMetadata(metadata)
  return normal.ok ? normal.metadata : NO_METADATA
}

function firstBadName(streams: readonly PushedStream[]): string | undefined {
  for (const { entries } of streams)
    for (const { structuredMetadata } of entries) {
      if (structuredMetadata.length === 0) continue
      const normal = normalMetadata(structuredMetadata)
      if (!normal.ok) return normal.name
    }
  return undefined
}

/** More kinds than this are not told one by one. */
const MOST_KINDS = 10

class Refusals {
  readonly #kinds = new Map<string, { readonly first: string; count: number }>()
  #status: 400 | 429 = 400

  add({ reason, message, status }: Refusal): void {
    this.#status = status === 429 ? 429 : this.#status
    const known = this.#kinds.get(reason)
    if (known === undefined) this.#kinds.set(reason, { first: message, count: 1 })
    else known.count++
  }

  get answer(): PushAnswer | undefined {
    if (this.#kinds.size === 0) return undefined
    const texts = [...this.#kinds.values()]
      .slice(0, MOST_KINDS)
      .map(({ first, count }) => (count === 1 ? first : `${count} errors like: ${first}`))
    return { status: this.#status, message: texts.join('; ') }
  }
}
