/**
 * The npm package. Unlike `npm pack` in the checkout, its package.json has no scripts, which npm would warn of, and the
 * links of its README lead to the repository.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** Returns the tarball's path. */
export function makeNpmPackage(manifest, out) {
  const folder = join(out, 'npm')
  const packed = JSON.parse(npm(['pack', '--dry-run', '--json', '--ignore-scripts'], '.'))
  for (const { path } of packed[0].files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(path, join(folder, path))
  }
  const { scripts: _scripts, devDependencies: _development, ...published } = manifest
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`)
  const readme = withAbsoluteLinks(readFileSync('README.md', 'utf8'), manifest)
  writeFileSync(join(folder, 'README.md'), readme)
  const name = npm(['pack', '--silent', '--pack-destination', resolve(out)], folder).trim()
  rmSync(folder, { recursive: true })
  return join(out, name)
}

/** Markdown whose relative links lead to the files of this version in the repository. */
function withAbsoluteLinks(markdown, { repository, version }) {
  const home = repository.url.replace(/^git\+/, '').replace(/\.git$/, '')
  const raw = home.replace('//github.com/', '//raw.githubusercontent.com/')
  return markdown
    .replace(/(!\[[^\]]*\]\()(?!\w+:|#)([^)\s]+)\)/g, (_, text, path) => `${text}${raw}/v${version}/${path})`)
    .replace(/(\]\()(?!\w+:|#)([^)\s]+)\)/g, (_, text, path) => `${text}${home}/blob/v${version}/${path})`)
}

function npm(args, cwd) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}
