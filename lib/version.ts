/** This package's own package.json, wherever the built files lie below it. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dirname, join } from 'node:path'

function folderOf(from: string): string {
  return existsSync(join(from, 'package.json')) || dirname(from) === from ? from : folderOf(dirname(from))
}

/** The folder of this package. */
export const PACKAGE_FOLDER = folderOf(dirname(fileURLToPath(import.meta.url)))

interface Manifest {
  readonly name: string
  readonly version: string
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const manifest = JSON.parse(readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as Manifest

export const VERSION: string = manifest.version
/** The name of the npm package. */
export const PACKAGE_NAME: string = manifest.name

/** The versions of a package that users add, as in `npm install NAME@VERSIONS`. */
export function peerVersions(name: string): string {
  return manifest.peerDependencies?.[name] ?? 'latest'
}
