/**
 * `pipeline()`: Node's own `stream.pipeline` (same errors, same clean-up), with neighbouring stages fused into one
 * Node stream.
 */
import type { PipelineOptions } from 'node:stream'
import { pipeline as nodePipeline } from 'node:stream/promises'
import { fusedStages, isStageStream, isUnused, type StageStream } from './component/stage-stream.ts'

/** A part of a pipeline: any Node stream, a stage's Transform, or anything else Node's pipeline takes. */
export type PipelinePart = NodeJS.ReadableStream | NodeJS.WritableStream | NodeJS.ReadWriteStream

/**
 * Pipes the parts into each other and resolves when the last one has finished. Neighbouring stages run as one Node
 * stream. On the first error all parts are destroyed and it rejects with that error, or with an AbortError when
 * `signal` is aborted.
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
  const fused = fuse(streams)
  await (options === undefined ? nodePipeline(fused) : nodePipeline(fused, options))
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
    else if (run.length > 1) fused.push(fusedStages(run))
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
