/** The version of this package, from its own package.json, wherever the built files lie below it. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dirname, join } from 'node:path'

function manifestPath(from: string): string {
  const path = join(from, 'package.json')
  return existsSync(path) || dirname(from) === from ? path : manifestPath(dirname(from))
}

const manifest = JSON.parse(readFileSync(manifestPath(dirname(fileURLToPath(import.meta.url))), 'utf8')) as {
  version: string
}

export const VERSION: string = manifest.version
