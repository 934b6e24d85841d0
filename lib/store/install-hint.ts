/** How to add the database to this installation. */
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { PACKAGE_FOLDER, peerVersions } from '../version.ts'

export const DATABASE = '@duckdb/node-api'

/**
 * Returns the command that installs the database where our package, in `folder`, finds it: as that was installed itself.
 */
export function databaseInstall(folder = PACKAGE_FOLDER, version = peerVersions(DATABASE)): string {
  const spec = `${DATABASE}@${version}`
  const modules = dirname(folder)
  // A checkout has it among its development packages.
  if (basename(modules) !== 'node_modules') return `npm ci --prefix ${quoted(folder)}`
  const root = dirname(modules)
  if (basename(dirname(root)) === '_npx') return `npx -p ${basename(folder)} -p ${spec} logstream …`
  // A project has a package.json beside its packages; the folder of npm install -g has none.
  return existsSync(join(root, 'package.json'))
    ? `npm install --prefix ${quoted(root)} ${spec}`
    : `npm install -g ${spec}`
}

function quoted(path: string): string {
  return /^[\w./\\:@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
