/** The library: everything a program may use. The one barrel there is. */
import {
  componentContext,
  sinkStream,
  sourceStream,
  startSource,
  type LibraryOptions,
  type SourceStream,
} from './library.ts'
import type { Writable } from 'node:stream'
import type { InputOf } from './component/fields.ts'
import { openFileTail, type FileTailOptions as TailOptions } from './components/loki.source.file/file.ts'
import { lokiWrite } from './components/loki.write/loki-write.ts'

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
export { explainLine, type ExplainOptions, type Explanation } from './explain/line.ts'
export type { StageStep } from './explain/explain.ts'
export { Extracted, type ExtractedValue } from './flow/extracted.ts'
export { EMPTY_LABELS, LabelSet, labelSet } from './flow/labels.ts'
export { Ledger } from './flow/ledger.ts'
export { DELIVERED, dropped, type Outcome } from './flow/outcome.ts'
export { pipeline } from './pipeline.ts'
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

type WriteInput = InputOf<typeof lokiWrite.fields>
type EndpointInput = NonNullable<WriteInput['endpoint']>[number]

/** Options of `loki.write`'s endpoint block, plus `external_labels`. */
export type LokiWriterOptions = EndpointInput & Pick<WriteInput, 'external_labels'> & LibraryOptions

/**
 * A Writable that delivers batches to Loki over HTTP, or gRPC for `grpc://` URLs. It finishes when Loki has taken
 * everything, or it is safe on disk (with `dataDir`); without a disk what cannot be delivered fails the pipeline.
 */
export function lokiWriter({ dataDir, id, external_labels, ...endpoint }: LokiWriterOptions): Writable {
  const given = (
    external_labels === undefined ? { endpoint: [endpoint] } : { endpoint: [endpoint], external_labels }
  ) as WriteInput
  return sinkStream(lokiWrite, given, { dataDir, id })
}

export { sinkStream, sourceStream }
