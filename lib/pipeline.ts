/**
 * `pipeline()`: Node's own `stream.pipeline` (same errors, same clean-up), with neighbouring stages fused into one
 * Node stream.
 */
import type { Writable } from 'node:stream'
import { pipeline as nodePipeline } from 'node:stream/promises'
import { isOwn, markOwn } from './component/own-streams.ts'
import { fusedStages, isStageStream, isUnused, type StageStream } from './component/stage-stream.ts'
import { watchForSwallowing } from './component/swallow-watch.ts'
import { LogstreamError } from './errors.ts'
import { systemClock, type Clock } from './flow/clock.ts'
import { plural } from './formats/plural.ts'
import type { LibraryLogger } from './telemetry/library-log.ts'

/** A part of a pipeline: any Node stream, such as a stage's Transform, or a function, as in Node's own pipeline. */
export type PipelinePart =
  | NodeJS.ReadableStream
  | NodeJS.WritableStream
  | NodeJS.ReadWriteStream
  | PipelineFunction

/**
 * An async generator between streams, or an async function at the end, over what comes out of the part before it: batches,
 * or entries. What it doesn't pass on it must settle: `entry.ack.settle(DELIVERED)`, or `dropped('reason')`.
 */
export type PipelineFunction = (
  // oxlint-disable-next-line typescript/no-explicit-any -- batches or entries, as the part before it was told
  source: AsyncIterable<any>,
) => AsyncIterable<unknown> | Promise<void>

/** What ends a pipeline before its source does, and whom it tells. */
export interface PipelineOptions {
  /** Its abort destroys all parts. */
  readonly signal?: AbortSignal | undefined
  /** `false`: the last part isn't ended with its source. */
  readonly end?: boolean | undefined
  /** Told of a part that swallows entries; left out: a warning of the process. */
  readonly logger?: LibraryLogger
}

/**
 * Pipes the parts into each other and resolves when the last one has finished. Neighbouring stages run as one Node
 * stream. On the first error all parts are destroyed and it rejects with that error, or with an AbortError when
 * `signal` is aborted.
 *
 * A part that isn't of this library is watched: when entries have been inside for 10 s without coming out or being
 * settled, while what follows has room, a warning names it, since a source waits for them for ever.
 *
 * @example
 * await pipeline(fileTail({ path: 'app.log' }), regex({ expression: '(?P<level>\\w+)' }), lokiWriter({ url }))
 */
export async function pipeline(
  ...parts: [...PipelinePart[], PipelineOptions] | PipelinePart[]
): Promise<void> {
  const last = parts.at(-1)
  const options = isOptions(last) ? last : undefined
  const streams = (options === undefined ? parts : parts.slice(0, -1)) as PipelinePart[]
  if (streams.length < 2)
    throw new LogstreamError(
      'BAD_ARGUMENT',
      `pipeline: expected a source, any number of stages and a sink, found ${plural(streams.length, 'part')}`,
    )
  watchParts(streams, options?.logger)
  const fused = fuse(streams)
  const own: { error?: unknown } = {}
  const end = fused.pop()!
  fused.push(typeof end === 'function' ? remembering(end, own) : end)
  try {
    await (options === undefined ? runInNode(fused) : runInNode(fused, options))
  } catch (error) {
    // Leaving its loop destroys the part before the function, and Node tells of that instead.
    throw error instanceof Error && error.name === 'AbortError' ? (own.error ?? error) : error
  }
}

/** The function, with what it throws kept in `own`. */
function remembering(end: PipelineFunction, own: { error?: unknown }): PipelineFunction {
  return (source) => {
    const result = end(source)
    if (!(result instanceof Promise)) return result
    return result.catch((error: unknown) => {
      own.error = error
      throw error
    })
  }
}

/** Its types leave out functions in a list. */
const runInNode = nodePipeline as (parts: readonly PipelinePart[], options?: PipelineOptions) => Promise<void>

/** Watches each part after the first that isn't of this library. */
export function watchParts(
  parts: readonly PipelinePart[],
  logger: LibraryLogger | undefined,
  clock: Clock = systemClock,
): void {
  for (const [i, part] of parts.entries()) {
    if (i === 0 || isOwn(part) || !('writableLength' in part)) continue
    const next = parts[i + 1]
    watchForSwallowing(part as Writable, {
      clock,
      hasRoom: () => next === undefined || !('writableNeedDrain' in next) || next.writableNeedDrain !== true,
      warn: (entries) => warn(swallowed(part, i, entries), logger),
    })
  }
}

function swallowed(part: object, i: number, entries: number): string {
  return `part ${i + 1} of a pipeline, a ${part.constructor.name}, has held ${plural(entries, 'entry', 'entries')} for 10 s: they neither came out nor were settled, and their source waits for them. Drop entries with filter() or map(), or settle them: entry.ack.settle(dropped('reason'))`
}

function warn(message: string, logger: LibraryLogger | undefined): void {
  if (logger === undefined) process.emitWarning(message, { type: 'LogstreamWarning' })
  else logger.warn({ component: 'pipeline' }, message)
}

/**
 * The parts with each run of neighbouring stages replaced by one Duplex. The first and the last part stay what they
 * are, since the caller may write to the one and read from the other; so does a stage that is in use already.
 */
export function fuse(parts: readonly PipelinePart[]): PipelinePart[] {
  const fused: PipelinePart[] = []
  let run: StageStream[] = []
  const close = (): void => {
    if (run.length === 1) fused.push(run[0]!)
    else if (run.length > 1) {
      const one = fusedStages(run)
      markOwn(one)
      fused.push(one)
    }
    run = []
  }
  for (const [i, part] of parts.entries()) {
    if (i > 0 && i < parts.length - 1 && isStageStream(part) && isUnused(part)) run.push(part)
    else {
      close()
      fused.push(part)
    }
  }
  close()
  return fused
}

function isOptions(part: unknown): part is PipelineOptions {
  return typeof part === 'object' && part !== null && !('pipe' in part) && !('write' in part)
}
