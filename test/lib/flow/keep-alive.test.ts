import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const keepAliveFile = new URL('../../../lib/flow/keep-alive.js', import.meta.url).href

/** Runs a program that releases its hold in a timer which alone wouldn't keep it alive; what it printed. */
function run(hold: string): string {
  const program = `
    import { keepAlive } from '${keepAliveFile}'
    const release = ${hold}
    setTimeout(() => { console.log('timer ran'); release(); release() }, 20).unref()`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  return stdout.trim()
}

void t.test('the process runs until it is released', (tap) => {
  tap.ok(fileURLToPath(keepAliveFile).endsWith('.js'))
  tap.equal(run('keepAlive()'), 'timer ran')
  tap.equal(run('() => {}'), '', 'without it the process ends first')
  tap.end()
})
