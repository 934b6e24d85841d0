#!/usr/bin/env node
/** The command, file by file. `npm run build` puts bundled.ts in its place, which starts four times as fast. */
import { setFlagsFromString } from 'node:v8'

// A second net under the check that every pattern passes when it is compiled: V8 then leaves a backtracking
// search that has gone on for too long to its linear engine. Never done in library use, where the process is not ours.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')

const { runProcess } = await import('../lib/cli/process.ts')
await runProcess()
