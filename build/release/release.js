/**
 * `npm run release` makes what is published, in release/: the npm package, and for this machine's architecture (Linux,
 * x64 or arm64) an archive and a Debian package that carry their Node and the database; a bill of materials; checksums.
 * After `npm run build`. `--only=npm,folder,archive,deb` makes less.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeDebian } from './debian.js'
import { makeFolder } from './folder.js'
import { makeNpmPackage } from './npm-package.js'
import { billOfMaterials } from './sbom.js'

const OUT = 'release'
const { values } = parseArgs({ options: { only: { type: 'string', default: 'npm,folder,archive,deb' } } })
const wanted = values.only.split(',')

rmSync(OUT, { recursive: true, force: true })
mkdirSync(OUT)
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))

const tarball = makeNpmPackage(manifest, OUT)
if (wanted.some((each) => each !== 'npm')) {
  const folder = await makeFolder(manifest, tarball, OUT)
  if (wanted.includes('archive'))
    execFileSync('tar', [
      ...['-C', OUT, '--sort=name', '--owner=0', '--group=0', '--numeric-owner'],
      ...['-czf', `${join(OUT, folder)}.tar.gz`, folder],
    ])
  if (wanted.includes('deb')) makeDebian(manifest, join(OUT, folder), OUT)
}
writeFileSync(
  join(OUT, `logstream-${manifest.version}.cdx.json`),
  `${JSON.stringify(billOfMaterials(manifest), undefined, 2)}\n`,
)

const files = readdirSync(OUT, { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name }) => name)
  .toSorted()
const sums = files.map(
  (name) =>
    `${createHash('sha256')
      .update(readFileSync(join(OUT, name)))
      .digest('hex')}  ${name}\n`,
)
writeFileSync(join(OUT, 'SHA256SUMS'), sums.join(''))
process.stdout.write(`${files.map((name) => `${OUT}/${name}\n`).join('')}${OUT}/SHA256SUMS\n`)
