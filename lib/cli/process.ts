/** The command as a process: hands over the real streams, signals and exit, and sets the exit status. */
import { keepAlive } from '../flow/keep-alive.ts'
import { compileRowsIn } from '../go/regexp/byte-rows.ts'
import { main } from './main.ts'
import { mapStack } from './map-stack.ts'
import { boundHeap } from './heap-bounds.ts'
import { optimizing } from './v8-flags.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs the command line of this process. `script` is the file that the command was bundled into, if it was. */
export async function runProcess(script?: string): Promise<void> {
  const stackOf = ({ stack = '' }: Error): string => (script === undefined ? stack : mapStack(stack, script))
  process.on('uncaughtExceptionMonitor', (error: unknown) => {
    if (error instanceof Error) error.stack = stackOf(error)
  })
  boundHeap()
  compileRowsIn(optimizing)
  // Timers of components do not keep the process alive, but a command that waits for one of them has not ended.
  const release = keepAlive()
  process.exitCode = await main(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    onSignal: (listener) => {
      for (const signal of SIGNALS) process.on(signal, listener)
      return () => SIGNALS.forEach((signal) => process.off(signal, listener))
    },
    exitNow: (code) => process.exit(code),
    stackOf,
  })
  release()
}
