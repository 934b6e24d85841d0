/** Node streams of this library, which settle all that they take; those of programs are watched for it. */
import { isStageStream } from './stage-stream.ts'

const own = new WeakSet<object>()

export function markOwn(stream: object): void {
  own.add(stream)
}

export function isOwn(stream: object): boolean {
  return own.has(stream) || isStageStream(stream)
}
