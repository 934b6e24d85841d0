/**
 * A second destination for tests of delivery: entries as lines of JSON, posted over HTTP. The server takes all of a
 * request or nothing, and may say which lines it refuses. The route is the label `route`.
 */
import { request } from 'node:http'
import type { Ack } from '../../lib/flow/ack.ts'
import { AckRuns } from '../../lib/flow/ack-runs.ts'
import type { Answer, Destination, SealedBatch, SentEntry } from '../../lib/delivery/destination.ts'

const seal = (
  batch: Omit<SealedBatch, 'body' | 'entries' | 'bytes'>,
  entries: readonly SentEntry[],
): SealedBatch => ({
  ...batch,
  body: Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')),
  entries: entries.length,
  bytes: entries.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0),
})

/** The entries of a body. */
export const readLines = ({ body }: Pick<SealedBatch, 'body'>): SentEntry[] =>
  body
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as SentEntry)

const KINDS = {
  200: 'accepted',
  400: 'refused',
  401: 'denied',
  403: 'denied',
  413: 'too_large',
  429: 'slow_down',
  500: 'failed',
} as const

export function newlineJson(url: string, batchBytes: number): Destination {
  return {
    batcher: (events) => {
      const open = new Map<string, { bornAt: number; bytes: number; entries: SentEntry[]; acks: Ack[] }>()
      const flush = (): void => {
        for (const [route, { bornAt, entries, acks }] of open)
          events.sealed(
            seal(
              { route, bornAt, acks: AckRuns.of(acks), replayable: acks.every((ack) => ack.replayable) },
              entries,
            ),
          )
        open.clear()
      }
      return {
        add: ({ labels, seconds, nanos, line, structuredMetadata }, ack) => {
          const route = labels.get('route') ?? ''
          const batch = open.get(route) ?? { bornAt: events.born(), bytes: 0, entries: [], acks: [] }
          open.set(route, batch)
          batch.entries.push({ labels: labels.text, seconds, nanos, line, structuredMetadata })
          batch.acks.push(ack)
          if ((batch.bytes += Buffer.byteLength(line)) >= batchBytes) flush()
          else setTimeout(flush, 5).unref()
        },
        flush,
        get openBytes() {
          return [...open.values()].reduce((sum, { bytes }) => sum + bytes, 0)
        },
      }
    },
    send: ({ body, route }, signal) =>
      new Promise((resolve) => {
        const failed = (error: Error): void => resolve({ status: 0, reason: error.message })
        const sending = request(
          url,
          { method: 'POST', headers: { route }, signal, timeout: 3000 },
          (answer) => {
            let reason = ''
            answer.on('data', (chunk: Buffer) => (reason += chunk.toString()))
            answer.on('end', () => resolve({ status: answer.statusCode!, reason }))
            answer.on('error', failed)
          },
        )
        sending.on('timeout', () => sending.destroy(new Error('no answer')))
        sending.on('error', failed)
        sending.end(body)
      }),
    classify: ({ status }) => KINDS[status as keyof typeof KINDS] ?? 'unavailable',
    read: readLines,
    pick: (batch, entries, indexes) => {
      const all = batch.acks.toArray()
      const acks = all.length === 0 ? [] : indexes.map((i) => all[i]!)
      return seal(
        { ...batch, acks: AckRuns.of(acks) },
        indexes.map((i) => entries[i]!),
      )
    },
    refused: ({ reason }: Answer) => (reason.startsWith('[') ? (JSON.parse(reason) as number[]) : undefined),
    refusalName: () => 'refused',
    close: () => Promise.resolve(),
  }
}
