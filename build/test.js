/**
 * `npm test`: the lint, which checks the types too, beside the build, and then the tests. What one of the two says is
 * shown when it ends; nothing is tested if one of them failed.
 */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

const began = performance.now()
const results = await Promise.all([script('build'), script('lint')])
if (results.every((status) => status === 0))
  process.exitCode = await ended(
    spawn(process.execPath, ['dist/test/run.js', '--without=dist/test/services', 'dist/test'], {
      stdio: 'inherit',
    }),
  )
else process.exitCode = 1

/** Runs a script of package.json; resolves with its exit status. */
async function script(name) {
  const child = spawn('npm', ['run', name], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)])
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stdout.write(`${out}${err}# ${name}: ${status === 0 ? 'ok' : 'failed'} after ${seconds} s\n`)
  return status
}

function ended(child) {
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)))
}
