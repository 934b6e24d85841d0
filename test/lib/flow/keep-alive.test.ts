import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const keepAliveFile = new URL('../../../lib/flow/keep-alive.js', import.meta.url).href

/** Runs a program that releases its hold in a timer, after `ms`, which alone wouldn't keep it alive; what it printed. */
function run(hold: string, ms: number): string {
  const program = `
    import { keepAlive } from '${keepAliveFile}'
    const release = ${hold}
    setTimeout(() => { console.log('timer ran'); release(); release() }, ${ms}).unref()`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  return stdout.trim()
}

void t.test('the process runs until it is released', (tap) => {
  tap.ok(fileURLToPath(keepAliveFile).endsWith('.js'))
  tap.equal(run('keepAlive()', 20), 'timer ran')
  tap.equal(run('() => {}', 20_000), '', 'without it the process ends first')
  tap.end()
})
