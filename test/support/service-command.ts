/** Runs a command line that deployment files hold, as far as a test can: until the service says it is running. */
import { Writable } from 'node:stream'
import { main } from '../../lib/cli/main.ts'
import type { Io } from '../../lib/cli/io.ts'
import { fakeIo } from './fake-io.ts'

/** Where a deployed path is in a test, and which address stands in for a fixed one. */
export type Places = (word: string) => string

/**
 * Puts the test's paths and addresses into the words of a command line: each word, and the value after the `=` of a
 * flag.
 */
export function moved(words: readonly string[], places: Places): string[] {
  return words.map((word) => {
    const [, flag, value] = /^(--[^=]+=)(.*)$/.exec(word) ?? []
    return flag === undefined ? places(word) : `${flag}${places(value!)}`
  })
}

/**
 * `logstream run ...`, stopped by SIGTERM as soon as it runs. Resolves with the exit status and stderr; ends on
 * its own when the command line or the config is refused.
 */
export async function runUntilRunning(
  args: readonly string[],
  env: Io['env'],
): Promise<{ status: number; started: boolean; err: string }> {
  const io = fakeIo('', env)
  let err = ''
  let started = false
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      err += chunk.toString()
      if (!started && err.includes('msg=running')) {
        started = true
        io.signal('SIGTERM')
      }
      done()
    },
  })
  const status = await main(args, { ...io, stderr })
  return { status, started, err }
}
