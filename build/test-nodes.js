/**
 * `npm run test:nodes [-- VERSION... FOLDER|FILE...]`: the tests on each version of Node that is supported, or on those named
 * (`22`), from npm's packages of its binaries, which are kept in node_modules/.cache. After `npm run build`.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, dirname, resolve } from 'node:path'

const SUPPORTED = ['20', '22', '24']
const platform = process.platform === 'win32' ? 'win' : process.platform
const name = `node-${platform}-${process.arch}`
const isVersion = (arg) => /^\d+$/.test(arg)
const given = process.argv.slice(2)
const versions = given.some(isVersion) ? given.filter(isVersion) : SUPPORTED
const paths = given.filter((arg) => !isVersion(arg))
const failed = []

for (const version of versions) {
  const node = binary(version)
  const tag = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  process.stdout.write(`# Node ${tag}\n`)
  // Tests that start `node` by name get this one.
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` }
  const args = [
    'dist/test/run.js',
    '--without=dist/test/services',
    ...(paths.length > 0 ? paths : ['dist/test']),
  ]
  const { status } = spawnSync(node, args, { stdio: 'inherit', env })
  if (status !== 0) failed.push(tag)
}
if (failed.length > 0) {
  process.stdout.write(`# failed on Node ${failed.join(', ')}\n`)
  process.exitCode = 1
}

function binary(version) {
  const home = resolve('node_modules/.cache', `node-${version}`)
  const node = resolve(home, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(node)) return node
  mkdirSync(home, { recursive: true })
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error']
  execFileSync('npm', ['install', '--prefix', home, ...flags, `${name}@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return node
}
