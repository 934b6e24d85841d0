/**
 * Stands in for a program that a page's command calls: `node page-shim.js PROGRAM ARGS...`, first in the PATH of
 * test/docs/commands.test.ts. `logstream` is the real command on free ports, ended once it runs; what would run the
 * tests from inside the tests is checked by name only.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { COMMAND } from './service.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const [program, ...args] = process.argv.slice(2)

if (program === 'logstream') logstream(args)
else if (program === 'npm') npm(args)
else if (program === 'npx') npx(args)
// `tail -f` would never end.
else if (program === 'tail')
  ended('/usr/bin/env', ['PATH=/usr/bin:/bin', 'tail', ...args.filter((arg) => arg !== '-f')])
else refuse(`no stand-in for ${program}`)

function logstream([command = '', ...rest]: readonly string[]): void {
  const own = command === '' ? [] : [command, ...rest]
  if (command === 'demo')
    return ended(process.execPath, [COMMAND, ...own, '--seconds=0.5', '--server.http.listen-addr='])
  if (command === 'query')
    return ended(process.execPath, [COMMAND, ...own, '--url', process.env['STORE_URL']!])
  if (command !== 'run') return ended(process.execPath, [COMMAND, ...own])
  const service = spawn(
    process.execPath,
    [COMMAND, ...own, '--server.http.listen-addr=', '--storage.path=data'],
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
  if (command === 'start') return logstream(scripts['start']!.split(' ').slice(2))
  const known = ['ci', 'cit'].includes(command) || (command === 'run' ? name : command) in scripts
  if (!known) refuse(`npm ${command} ${name}: no such script`)
}

function npx([tool, file = '']: readonly string[]): void {
  const source = file.replace(/^dist\//, '').replace(/\.js$/, '.ts')
  if (tool !== 'tap' || !existsSync(`${root}${source}`)) refuse(`npx ${tool} ${file}: no such test`)
}

function ended(file: string, words: readonly string[]): void {
  const { status, signal } = spawnSync(file, words, { stdio: 'inherit' })
  if (signal !== null) refuse(`ended by ${signal}`)
  process.exitCode = status ?? 1
}

function refuse(why: string): void {
  process.stderr.write(`${why}\n`)
  process.exitCode = 127
}
