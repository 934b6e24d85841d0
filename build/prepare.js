/**
 * What npm runs after an install: builds the command and its page, so that `npm ci` leaves a command that works. Not in
 * `npm cit`, whose tests begin with a build of everything.
 */
import { spawnSync } from 'node:child_process'

if (process.env.npm_command !== 'install-ci-test')
  process.exitCode = spawnSync('npm', ['run', 'build:start'], { stdio: 'inherit' }).status ?? 1
