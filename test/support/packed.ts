/** The package as npm installs it, in a folder outside the checkout: inside it, the checkout's own packages would be found. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Copies `folder`, installs what its package.json names and the package packed from this tree, and returns the copy. */
export function installed(tap: Pick<Test, 'teardown'>, folder: string): string {
  const project = realpathSync(mkdtempSync(join(tmpdir(), 'project-')))
  tap.teardown(() => rmSync(project, { recursive: true, force: true }))
  cpSync(folder, project, { recursive: true })
  const npm = (args: readonly string[], cwd: string): string =>
    execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' }).trim()
  const packed = npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', project], '.')
  npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', join(project, packed)], project)
  return project
}
