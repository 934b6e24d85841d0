/** V8's code caches of the bundled command: one of code that all commands need, one for `store`. */
import { spawnSync } from 'node:child_process'
import { bundled } from './bundle.js'

/**
 * Makes them for a Node, given by the path of its program: of the bundled script, in the folder `to`. Resolves with the names of those that
 * couldn't be made.
 */
export async function makeCodeCaches(node, script, to) {
  const options = {
    input: await bundled('build/code-cache.js'),
    stdio: ['pipe', 'inherit', 'inherit'],
    timeout: 120_000,
  }
  return ['run', 'store'].filter(
    (job) => spawnSync(node, ['--input-type=module', '-', script, to, job], options).status !== 0,
  )
}
