/**
 * Stands in for what a page's command calls, where test/docs/commands.test.ts needs more than a line of shell:
 * `node page-shim.js run|npm|npx ARGS...`. `run` is the real command on free ports, ended once it runs; what would run the
 * tests from inside the tests is checked by name only.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { COMMAND } from './service.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const [program, ...args] = process.argv.slice(2)

if (program === 'run') run(args)
else if (program === 'npm') npm(args)
else if (program === 'npx') npx(args)
else refuse(`no stand-in for ${program}`)

/** `run ...` on free ports, ended once it runs. */
function run(words: readonly string[]): void {
  const service = spawn(
    process.execPath,
    [COMMAND, ...words, '--server.http.listen-addr=', '--storage.path=data'],
    {
      stdio: ['ignore', 'inherit', 'pipe'],
    },
  )
  let said = ''
  service.stderr.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk)
    said += chunk.toString()
    if (said.includes('msg=running')) service.kill('SIGTERM')
  })
  service.on('exit', (status) => (process.exitCode = status ?? 1))
}

function npm([command = '', name = '']: readonly string[]): void {
  const { scripts, peerDependencies: peers } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    scripts: Record<string, string>
    peerDependencies: Record<string, string>
  }
  // A package that logstream uses if it's there.
  if (command === 'install' && name.replace(/@\d+$/, '') in peers) return
  if (command === 'start') {
    const words = [...scripts['start']!.split(' ').slice(2), '--seconds=0.5', '--server.http.listen-addr=']
    process.exitCode = spawnSync(process.execPath, [COMMAND, ...words], { stdio: 'inherit' }).status ?? 1
    return
  }
  const known = ['ci', 'cit'].includes(command) || (command === 'run' ? name : command) in scripts
  if (!known) refuse(`npm ${command} ${name}: no such script`)
}

function npx([tool, file = '']: readonly string[]): void {
  const source = file.replace(/^dist\//, '').replace(/\.js$/, '.ts')
  if (tool !== 'tap' || !existsSync(`${root}${source}`)) refuse(`npx ${tool} ${file}: no such test`)
}

function refuse(why: string): void {
  process.stderr.write(`${why}\n`)
  process.exitCode = 127
}
