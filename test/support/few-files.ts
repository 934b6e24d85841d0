/** What a process does that has no file descriptors to spare. */
import { execFile } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../../lib/errors.ts'

/** Runs a script that may open 200 files, and returns what it writes. */
export async function withFewFiles(script: URL, ...args: readonly string[]): Promise<string> {
  const limited = ['-c', 'ulimit -n 200; exec "$0" "$@"', process.execPath, fileURLToPath(script), ...args]
  return (await promisify(execFile)('sh', limited)).stdout
}

/** For such a script: tries something with no descriptor to spare, then with one more each time, and says why it fails. */
export async function untilItWorks(run: () => Promise<unknown>): Promise<void> {
  for (let spare = 0; ; spare++) {
    const taken = takeAll()
    for (const each of taken.splice(0, spare)) closeSync(each)
    const failure = await run().then(
      () => undefined,
      (error: unknown) => messageOf(error),
    )
    for (const each of taken) closeSync(each)
    if (failure === undefined) return
    writeSync(1, `${failure}\n`)
  }
}

function takeAll(): number[] {
  const taken: number[] = []
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch {
    return taken
  }
}
