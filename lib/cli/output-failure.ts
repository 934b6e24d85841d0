/** What went wrong with standard output. Node revives `process.stdout` after an error, so the stream itself doesn't tell later. */
import type { Writable } from 'node:stream'
import { codeOf } from '../disk/atomic.ts'

const failures = new WeakMap<Writable, Error>()

/** From here on errors of the stream don't end the process, and the first one is remembered. */
export function watchOutput(stdout: Writable): void {
  stdout.on('error', (error) => {
    if (!failures.has(stdout)) failures.set(stdout, error)
  })
}

/** The first error of a stream that is watched. */
export function outputFailure(stdout: Writable): Error | undefined {
  return failures.get(stdout) ?? stdout.errored ?? undefined
}

/** Whether the reader has gone away, as `| head` does, which isn't a mistake. */
export function isReaderGone(failure: unknown): boolean {
  return codeOf(failure) === 'EPIPE'
}
