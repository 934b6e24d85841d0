/** A folder that runs anywhere with the system's C library alone: the command, its Node and the database. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { makeCodeCaches } from '../code-caches.js'

/** The version of Node inside: also that of the images in the Dockerfile. */
export const NODE = '22.22.2'

/** Resolves with the folder's name below `out`. */
export async function makeFolder(manifest, tarball, out) {
  const { version, peerDependencies } = manifest
  if (process.platform !== 'linux')
    throw new Error('archives are made on Linux, for the machine that makes them')
  const name = `logstream-${version}-linux-${process.arch}`
  const folder = resolve(out, name)
  const lib = join(folder, 'lib')
  const database = '@duckdb/node-api'
  mkdirSync(join(folder, 'bin'), { recursive: true })
  mkdirSync(lib)

  const node = `node-linux-${process.arch}`
  const scratch = mkdtempSync(join(tmpdir(), 'logstream-release-'))
  install(scratch, [`${node}@${NODE}`])
  cpSync(join(scratch, 'node_modules', node, 'bin/node'), join(lib, 'node'))
  cpSync(join(scratch, 'node_modules', node, 'LICENSE'), join(lib, 'node.LICENSE'))
  rmSync(scratch, { recursive: true })

  install(lib, [resolve(tarball), `${database}@${peerDependencies[database]}`])
  for (const file of [
    'package.json',
    'package-lock.json',
    'node_modules/.bin',
    'node_modules/.package-lock.json',
  ])
    rmSync(join(lib, file), { recursive: true, force: true })
  const home = join(lib, 'node_modules', manifest.name)
  // Programs that import the library have it from npm.
  for (const part of ['library', 'types']) rmSync(join(home, 'dist', part), { recursive: true })
  await keepCode(join(lib, 'node'), join(home, 'dist/bin'))

  cpSync('packaging/logstream', join(folder, 'bin/logstream'))
  cpSync('LICENSE', join(folder, 'LICENSE'))
  cpSync(join(home, 'README.md'), join(folder, 'README.md'))
  return name
}

function install(folder, specs) {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--omit=dev']
  execFileSync('npm', ['install', '--prefix', folder, ...flags, ...specs], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** V8's code for the Node inside takes the place of the one that `npm run build` made with its own. */
async function keepCode(node, bin) {
  for (const file of readdirSync(bin)) if (file.endsWith('.cache')) rmSync(join(bin, file))
  const missing = await makeCodeCaches(node, join(bin, 'command.cjs'), bin)
  if (missing.length > 0) throw new Error(`no code cache could be made for ${missing.join(' and ')}`)
}
