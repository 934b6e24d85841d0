/**
 * `pipeline()`: Node's own `stream.pipeline` (same errors, same clean-up), after neighbouring stages have been
 * fused into one Node stream.
 */
import type { PipelineOptions } from 'node:stream'
import { pipeline as nodePipeline } from 'node:stream/promises'
import { fusedStages, stageOf } from './component/stage-stream.ts'

/** A part of a pipeline: any Node stream, a stage's Transform, or anything else Node's pipeline takes. */
export type PipelinePart = NodeJS.ReadableStream | NodeJS.WritableStream | NodeJS.ReadWriteStream

/**
 * Runs the parts one behind the other and resolves when the last one has finished. Stages that stand next to each
 * other run as one Node stream. Rejects, after destroying all parts, with the first error or, when `signal` is
 * aborted, with an AbortError.
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

/** The parts with each run of neighbouring stages replaced by one Duplex. */
export function fuse(parts: readonly PipelinePart[]): PipelinePart[] {
  const fused: PipelinePart[] = []
  let run: PipelinePart[] = []
  const close = (): void => {
    if (run.length === 1) fused.push(run[0]!)
    else if (run.length > 1) fused.push(fusedStages(run))
    run = []
  }
  for (const part of parts) {
    if (stageOf(part) === undefined) {
      close()
      fused.push(part)
    } else run.push(part)
  }
  close()
  return fused
}

function isOptions(part: unknown): part is PipelineOptions {
  return typeof part === 'object' && part !== null && !('pipe' in part) && !('write' in part)
}
