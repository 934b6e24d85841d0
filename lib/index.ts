/** The library: everything a program may use. The one barrel there is. */
import type { Duplex, Writable } from 'node:stream'
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
import { checkOptionNames } from './component/decode.ts'
import { openFileTail, type FileTailOptions as TailOptions } from './components/loki.source.file/file.ts'
import { ReplayableIntake } from './intake/replayable.ts'
import type { ExplainOptions, Explanation } from './explain/line.ts'
import type { ConfigInput, ConfigOptions, ConfigService } from './library/from-config.ts'
import type { ComponentInput, ComponentName } from './library/open-component.ts'

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
import { LogstreamError } from './errors.ts'
export { LogstreamError, type ErrorCode } from './errors.ts'
export type { ExplainOptions, Explanation } from './explain/line.ts'
export type { StageStep } from './explain/explain.ts'
export { Extracted, type ExtractedValue } from './flow/extracted.ts'
export { EMPTY_LABELS, LabelSet, labelSet } from './flow/labels.ts'
export { Ledger } from './flow/ledger.ts'
export { DELIVERED, dropped, type Outcome } from './flow/outcome.ts'
export { pipeline, type PipelineFunction, type PipelineOptions } from './pipeline.ts'
export type { Segment } from './intake/lines.ts'
export type { Partition } from './intake/partition.ts'
export { filter, map, type EntryFunctionOptions, type MapResult } from './component/filter-map.ts'
export { defineStage, type StageInput } from './component/stage-stream.ts'
export { dropCounter } from './component/stage.ts'
export { flag, float, integer, list, map as mapOf, optional, required, text } from './component/fields.ts'
export type { LibraryOptions, SourceStream } from './library.ts'
export type { LibraryLogger } from './telemetry/library-log.ts'

/** Every stage of `loki.process` by its name in a config: one by one, and as a table. */
export * from '../transforms/index.ts'
export * as stages from '../transforms/index.ts'

/** Which file, and how to follow it. */
export interface FileTailOptions extends Omit<TailOptions, 'ctx'>, LibraryOptions {}

const LIBRARY = [
  'dataDir',
  'id',
  'keepsRunning',
  'logger',
] as const satisfies readonly (keyof LibraryOptions)[]
const TAIL = [
  'path',
  'labels',
  'follow',
  'fromEnd',
  'encoding',
  'decompression',
  'maxLineBytes',
  'pollMs',
] as const
const FILE_TAIL: readonly (keyof FileTailOptions)[] = [...TAIL, ...LIBRARY]

/**
 * A file as a Readable of batches, followed through renames and truncations. With `dataDir` its position is kept
 * there and moves when what was read has been delivered, written to disk a moment after that (a process that exits at
 * once may read the last lines again, never lose them); without, reading starts anew each time.
 */
export function fileTail(options: FileTailOptions): SourceStream {
  checkOptionNames('fileTail', options, FILE_TAIL)
  if (typeof options.path !== 'string')
    throw new LogstreamError(
      'BAD_ARGUMENT',
      `fileTail: option "path": expected the path of a file, found ${typeof options.path}`,
    )
  const name = 'loki.source.file'
  return startSource(openFileTail({ ...options, ctx: componentContext(name, options) }), name)
}

/** Where positions are kept, and how long a line may be. */
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
export async function openIntake(options: IntakeOptions): Promise<ReplayableIntake> {
  checkOptionNames('openIntake', options, [...LIBRARY, 'maxLineBytes'])
  const intake = await ReplayableIntake.open(componentContext('source', options), options.maxLineBytes)
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
  checkOptionNames('explainLine', options, ['line', 'labels', 'pipeline', 'config', 'component'])
  const { explainLine: explain } = await import('./explain/line.ts')
  return await explain(options)
}

export type {
  ComponentHealth,
  ConfigInput,
  ConfigOptions,
  ConfigService,
  LineCounts,
} from './library/from-config.ts'
export type { ComponentInput, ComponentName } from './library/open-component.ts'

const CONFIG = ['dataDir', 'logger', 'stability', 'env'] as const satisfies readonly (keyof ConfigOptions)[]

/**
 * Reads and checks a config, for a program to run it. Rejects with BAD_CONFIG and all mistakes, each with its place.
 * Nothing runs until `start`.
 *
 * @example
 * const service = await fromConfig({ file: 'config.alloy' }, { dataDir: 'data', logger: pino() })
 * service.events.on('health', ({ component, state, message }) => report(component, state, message))
 * await service.start()
 * process.once('SIGTERM', () => void service.stop())
 */
export async function fromConfig(input: ConfigInput, options?: ConfigOptions): Promise<ConfigService> {
  checkOptionNames('fromConfig', options ?? {}, CONFIG)
  const { fromConfig: load } = await import('./library/from-config.ts')
  return await load(input, options)
}

/**
 * A source as a Readable of batches, by its name and with the arguments that it has in a config. It starts at once; what
 * its start throws destroys the stream. Rejects with BAD_ARGUMENT for a wrong name or argument.
 *
 * @example
 * const syslog = await openSource('loki.source.syslog', { listener: [{ address: '127.0.0.1:1514' }] })
 * await pipeline(syslog, lokiWriter({ url }))
 */
export async function openSource<N extends ComponentName>(
  name: N,
  input: ComponentInput<N>,
  options?: LibraryOptions,
): Promise<SourceStream> {
  const { openSource: open } = await import('./library/open-component.ts')
  return await open(name, input, options)
}

/** A sink as a Writable of batches: it finishes when all that was written has been delivered, or is safe on disk. */
export async function openSink<N extends ComponentName>(
  name: N,
  input: ComponentInput<N>,
  options?: LibraryOptions,
): Promise<Writable> {
  const { openSink: open } = await import('./library/open-component.ts')
  return await open(name, input, options)
}

/** A component that takes entries and hands them on, such as `loki.relabel`, as a Duplex of batches. */
export async function openTransform<N extends ComponentName>(
  name: N,
  input: ComponentInput<N>,
  options?: LibraryOptions,
): Promise<Duplex> {
  const { openTransform: open } = await import('./library/open-component.ts')
  return await open(name, input, options)
}
