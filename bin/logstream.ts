#!/usr/bin/env node
/** The command: sets what must be set before any regular expression runs, and hands over the real process. */
import { setFlagsFromString } from 'node:v8'

// A second net under the check that every pattern passes when it is compiled: V8 then leaves a backtracking
// search that has gone on for too long to its linear engine. Never done in library use, where the process is not ours.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')

const { main } = await import('../lib/cli/main.ts')
const { keepAlive } = await import('../lib/flow/keep-alive.ts')
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

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
})

release()
