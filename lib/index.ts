/** The library: everything a program may use. The one barrel there is. */
import {
  componentContext,
  lokiWriter,
  sinkStream,
  sourceStream,
  startSource,
  type LibraryOptions,
  type LokiWriterOptions,
  type SourceStream,
} from './library.ts'
import { openFileTail, type FileTailOptions as TailOptions } from './components/loki.source.file/file.ts'
import { ReplayableIntake } from './intake/replayable.ts'
import type { ExplainOptions, Explanation } from './explain/line.ts'

export { Batch } from './flow/batch.ts'
export type { Ack } from './flow/ack.ts'
export type {
  Context,
  EntryFn,
  Stage,
  StageDefinition,
  StreamOptions,
  Verdict,
} from './component/component.ts'
export { Entry, type StructuredMetadata } from './flow/entry.ts'
export { LogstreamError, type ErrorCode } from './errors.ts'
export type { ExplainOptions, Explanation } from './explain/line.ts'
export type { StageStep } from './explain/explain.ts'
export { Extracted, type ExtractedValue } from './flow/extracted.ts'
export { EMPTY_LABELS, LabelSet, labelSet } from './flow/labels.ts'
export { Ledger } from './flow/ledger.ts'
export { DELIVERED, dropped, type Outcome } from './flow/outcome.ts'
export { pipeline } from './pipeline.ts'
export type { Segment } from './intake/lines.ts'
export type { Partition } from './intake/partition.ts'
export { defineStage, type StageInput } from './component/stage-stream.ts'
export { dropCounter } from './component/stage.ts'
export { flag, float, integer, list, map, optional, required, text } from './component/fields.ts'
export type { LibraryOptions, SourceStream } from './library.ts'

/** Every stage of `loki.process` by its name in a config: one by one, and as a table. */
export * from '../transforms/index.ts'
export * as stages from '../transforms/index.ts'

export interface FileTailOptions extends Omit<TailOptions, 'ctx'>, LibraryOptions {}

/**
 * A file as a Readable of batches, followed through renames and truncations. With `dataDir` its position is kept
 * there and moves when what was read has been delivered, written to disk a moment after that (a process that exits at
 * once may read the last lines again, never lose them); without, reading starts anew each time.
 */
export function fileTail({ dataDir, id, ...options }: FileTailOptions): SourceStream {
  const name = 'loki.source.file'
  return startSource(openFileTail({ ...options, ctx: componentContext(name, { dataDir, id }) }), name)
}

export interface IntakeOptions extends LibraryOptions {
  /** Longer lines are cut into parts, each with its number as structured metadata; 16 MiB if left out. */
  readonly maxLineBytes?: number
}

/**
 * The inlet of a source of your own that can be read again: a queue, a journal, an API with offsets. A partition's
 * position moves when what was read before it has been delivered, and is kept in `dataDir`, so that a restart loses
 * nothing. At most 16 MiB per partition and 64 MiB in all are read ahead of what has been delivered.
 *
 *     const intake = await openIntake({ dataDir: 'state', id: 'my.queue' })
 *     const done = pipeline(intake.output, lokiWriter({ url }))
 *     const orders = intake.partition('orders', (stored) => typeof stored === 'number')
 *     for (let offset = orders.position ?? 0; ; ) {
 *       await orders.room()
 *       const { bytes, next } = await queue.read(offset) // whole lines, with their line ends
 *       if (bytes.length === 0) break
 *       orders.addSegment({ bytes, start: 0, end: bytes.length }, labelSet({ queue: 'orders' }), next)
 *       offset = next
 *     }
 *     intake.end()
 *     await done
 *
 * `add` and `addEntry` of a partition take single records. Rejects with `LogstreamError` IO when a newer version has
 * written the positions.
 */
export async function openIntake({ dataDir, id, maxLineBytes }: IntakeOptions): Promise<ReplayableIntake> {
  const ctx = componentContext('source', { dataDir, id })
  const intake = await ReplayableIntake.open(ctx, maxLineBytes)
  intake.output.once('close', () => void intake.close())
  return intake
}

export { lokiWriter, sinkStream, sourceStream }
export type { LokiWriterOptions }
export type { ReplayableIntake }

/**
 * What each stage does to a line, and why; one explanation for each `loki.process` that it goes through. Throws
 * BAD_CONFIG with the diagnostics of a pipeline or config that has errors, BAD_INPUT for a component that is not there.
 *
 * @example
 * const [{ steps }] = await explainLine({ pipeline: 'stage.docker { }', line: '{"log":"started"}' })
 */
export async function explainLine(options: ExplainOptions): Promise<Explanation[]> {
  // Loaded here: it reads configs, and so knows every component, which costs a program 0.2 s of CPU at its start.
  const { explainLine: explain } = await import('./explain/line.ts')
  return await explain(options)
}
