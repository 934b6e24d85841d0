/** Components as plain Node streams, for programs that use logstream as a library. */
import type { Readable, Writable } from 'node:stream'
import type { Component, ComponentContext, ComponentDefinition } from './component/component.ts'
import { libraryContext } from './component/context.ts'
import { decodeInput } from './component/decode.ts'
import { createWrite, lokiWrite } from './components/loki.write/loki-write.ts'
import { LogstreamError } from './errors.ts'
import type { Fields, InputOf } from './component/fields.ts'
import { buildStages } from './registry.ts'
import { markOwn } from './component/own-streams.ts'
import { loggerFor, type LibraryLogger } from './telemetry/library-log.ts'

/** Where a library user's component keeps its files, and its name in metrics. */
export interface LibraryOptions {
  /** Folder for positions, spool and dead letters; left out: nothing is written to disk. */
  readonly dataDir?: string
  /** Name in metrics and errors; default: the component's name. */
  readonly id?: string
  /** `false`: what a sink has yet to deliver doesn't keep the process running; default `true`. */
  readonly keepsRunning?: boolean
  /** Told what the component has to say, such as what Loki answers: pino, `console`, or what has their methods. */
  readonly logger?: LibraryLogger
}

/** A Readable of batches that can be stopped in an orderly way. */
export type SourceStream = Readable & {
  /** Stops reading; the stream ends when all that was read has been handed on. */
  stop(): void
}

/** The input of a definition, without `forward_to`: in a program what follows is the next part of the pipeline. */
export type SourceInput<F extends Fields> = Omit<InputOf<F>, 'forward_to'>

/** A source as a Readable of batches. It starts at once; what it throws then destroys the stream. */
export function sourceStream<F extends Fields>(
  definition: ComponentDefinition<F>,
  input: SourceInput<F>,
  options: LibraryOptions = {},
): SourceStream {
  const ctx = componentContext(definition.name, options)
  const given = { forward_to: [], ...input }
  const decoded = decodeInput(definition.name, definition.fields, given)
  return startSource(definition.create(decoded, ctx), definition.name)
}

/** Starts a component and returns its output. Throws BAD_ARGUMENT for one without. */
export function startSource(component: Component, name: string): SourceStream {
  const { output } = component
  if (output === undefined)
    throw new LogstreamError('BAD_ARGUMENT', `${name} is not a source: it has no output`)
  begin(component, output)
  return Object.assign(output, { stop: () => void component.stop?.() })
}

/** A sink as a Writable of batches: it finishes when everything written has been delivered or is safe on disk. */
export function sinkStream<F extends Fields>(
  definition: ComponentDefinition<F>,
  input: InputOf<F>,
  options: LibraryOptions = {},
): Writable {
  const ctx = componentContext(definition.name, options)
  const decoded = decodeInput(definition.name, definition.fields, input)
  const component = definition.create(decoded, ctx)
  if (component.input === undefined)
    throw new LogstreamError('BAD_ARGUMENT', `${definition.name} is not a sink: it has no input`)
  begin(component, component.input)
  return component.input
}

type WriteInput = InputOf<typeof lokiWrite.fields>
type EndpointInput = NonNullable<WriteInput['endpoint']>[number]

/** Options of `loki.write`'s endpoint block, plus `external_labels`. */
export type LokiWriterOptions = EndpointInput & Pick<WriteInput, 'external_labels'> & LibraryOptions

/**
 * A Writable that delivers batches to Loki over HTTP, or gRPC for `grpc://` URLs. It finishes when Loki has taken
 * everything, or it is safe on disk (with `dataDir`); without a disk what cannot be delivered fails the pipeline.
 */
export function lokiWriter(options: LokiWriterOptions): Writable {
  const { input, library } = writeInput(options)
  return sinkStream(lokiWrite, input, library)
}

/** What `lokiWriter` starts and closes by itself, for a caller that must know when it's closed. */
export interface LokiSink {
  readonly component: Component
  /** `queue_config.drain_timeout`. */
  readonly drainTimeoutMs: number
}

export function lokiSink(options: LokiWriterOptions): LokiSink {
  const { input, library } = writeInput(options)
  const decoded = decodeInput(lokiWrite.name, lokiWrite.fields, input)
  return {
    component: createWrite(decoded, componentContext(lokiWrite.name, library)),
    drainTimeoutMs: decoded.endpoint[0]!.queue_config.drain_timeout,
  }
}

function writeInput({ dataDir, id, keepsRunning, logger, external_labels, ...endpoint }: LokiWriterOptions): {
  readonly input: WriteInput
  readonly library: LibraryOptions
} {
  const input = (
    external_labels === undefined ? { endpoint: [endpoint] } : { endpoint: [endpoint], external_labels }
  ) as WriteInput
  return { input, library: { dataDir, id, keepsRunning, logger } }
}

/** The context of a component in a program without a supervisor. */
export function componentContext(
  name: string,
  { dataDir, id, keepsRunning, logger }: LibraryOptions,
): ComponentContext {
  const base = libraryContext(id ?? name)
  const ctx: ComponentContext = {
    ...base,
    log: logger === undefined ? base.log : loggerFor(logger, id ?? name),
    dataDir,
    keepsRunning,
    metrics: base.metrics.with({ component_path: '/', component_id: id ?? name }),
    modulePath: '',
    stability: 'experimental',
    export: () => {},
    stages: (specs) => buildStages(specs, ctx),
  }
  return ctx
}

/** Starts a component; its stream takes it along when it closes. */
export function begin(component: Component, stream: Readable | Writable): void {
  markOwn(stream)
  stream.once('close', () => {
    Promise.resolve(component.stop?.())
      .then(() => component.close?.())
      .catch(() => undefined)
  })
  Promise.resolve()
    .then(() => component.start?.())
    .catch((error: unknown) => stream.destroy(error as Error))
}
