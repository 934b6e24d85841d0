/** How this program was started, as a user would type it again. */
import { existsSync, realpathSync } from 'node:fs'
import { basename, delimiter, join, relative } from 'node:path'

export interface Started {
  /** The script that Node runs: `process.argv[1]`. */
  readonly script: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** The name of the npm package. */
  readonly packageName: string
}

/**
 * `logstream` where that is on the PATH and is this program, `npx PACKAGE` where npx has fetched it, `npx logstream` in a
 * project that has it installed, and else `node` with the script.
 */
export function ownCommand({ script, env, cwd, packageName }: Started): string {
  const real = realPath(script)
  if (onPath(env['PATH'] ?? '', real)) return 'logstream'
  const path = real.replaceAll('\\', '/')
  if (path.includes('/_npx/')) return `npx ${packageName}`
  if (path.startsWith(`${realPath(cwd).replaceAll('\\', '/')}/node_modules/`)) return 'npx logstream'
  const near = relative(realPath(cwd), real)
  const shown = near.startsWith('..') ? real : near
  return `node ${/[^\w./@:-]/.test(shown) ? `'${shown.replaceAll("'", "'\\''")}'` : shown}`
}

/** npm puts folders of its own in front of PATH, which the user's shell doesn't have. */
function onPath(path: string, script: string): boolean {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '' && basename(folder) !== '.bin' && !folder.includes('node-gyp-bin'))
    .some((folder) => {
      const file = join(folder, 'logstream')
      return existsSync(file) && realPath(file) === script
    })
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
