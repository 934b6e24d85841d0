/** Sends dead letters again, through a `loki.write` that has no disk: what is refused again stays where it is. */
import { finished } from 'node:stream/promises'
import type { ComponentContext } from '../../component/component.ts'
import { libraryContext } from '../../component/context.ts'
import type { DeadLetter } from '../../delivery/dead-letters.ts'
import { noteReplayed, type FiledLetter } from '../../delivery/inspect.ts'
import { Batch, MAX_BATCH_ENTRIES } from '../../flow/batch.ts'
import { systemClock } from '../../flow/clock.ts'
import { Entry } from '../../flow/entry.ts'
import { labelSet } from '../../flow/labels.ts'
import type { Outcome } from '../../flow/outcome.ts'
import { parseLabels } from '../../formats/label-text.ts'
import { createLogger } from '../../telemetry/log.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import { createWrite, type WriteOptions } from './loki-write.ts'

export interface ReplayOptions {
  /** Of the `loki.write` to send through. */
  readonly write: WriteOptions
  /** Send with the present time. */
  readonly now: boolean
  /** Takes the log's lines. */
  readonly log: (line: string) => void
  /** Milliseconds after which what isn't sent is given up; left out: as long as it takes. */
  readonly deadlineMs?: number
}

/** How many letters ended how. */
export interface ReplayResult {
  delivered: number
  refused: number
  unsent: number
}

/** Resolves when all letters have ended, or the deadline has passed. Throws what the options can't do. */
export async function replayLetters(
  letters: readonly DeadLetter[],
  { write, now, log, deadlineMs }: ReplayOptions,
): Promise<ReplayResult> {
  const result: ReplayResult = { delivered: 0, refused: 0, unsent: letters.length }
  const ctx: ComponentContext = {
    ...libraryContext('dlq'),
    log: createLogger({ level: 'warn', format: 'logfmt' }, log),
    metrics: Metrics.create(),
    modulePath: '',
    stability: 'experimental',
    export: () => {},
  }
  const sink = createWrite(write, ctx)
  const input = sink.input!
  const settle = ({ state, lost }: Outcome): void => {
    if (lost === true) return
    result.unsent--
    if (state === 'delivered') result.delivered++
    else result.refused++
  }
  const ended = finished(input).catch(() => {})
  if (deadlineMs !== undefined) sink.drain?.(deadlineMs)
  for (let from = 0; from < letters.length; from += MAX_BATCH_ENTRIES) {
    const entries = letters
      .slice(from, from + MAX_BATCH_ENTRIES)
      .map((each) => entryOf(each, now ? systemClock.now() : undefined, settle))
    if (!input.write(new Batch(entries))) await new Promise((resolve) => input.once('drain', resolve))
  }
  input.end()
  await ended
  await sink.close?.()
  return result
}

/** Notes that all these letters were sent. Loki keeps what it has already only once, so part of a file may be sent twice. */
export async function noteAllReplayed(letters: readonly FiledLetter[]): Promise<void> {
  const ends = new Map<string, number>()
  for (const { file, end } of letters) ends.set(file, Math.max(end, ends.get(file) ?? 0))
  for (const [file, end] of ends) await noteReplayed(file, end)
}

function entryOf(letter: DeadLetter, now: number | undefined, settle: (outcome: Outcome) => void): Entry {
  const { labels, tenant, timestamp, line, structured_metadata: metadata } = letter
  const nanos = now === undefined ? BigInt(timestamp) : BigInt(now) * 1_000_000n
  const set = labelSet([...(parseLabels(labels) ?? []), ['__tenant_id__', tenant]])
  const entry = new Entry(Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n), line, set, {
    replayable: false,
    settle,
  })
  entry.structuredMetadata = now === undefined ? metadata : [...metadata, ['original_timestamp', timestamp]]
  return entry
}
