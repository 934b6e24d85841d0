/**
 * Programs of Go modules that tests drive. The first use builds one from the module proxy into node_modules/.cache, which needs
 * Go and a few minutes.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url))

export interface GoProgram {
  readonly path: string
  /** Builds it where it isn't there yet. Returns why that fails, `undefined` when it is there. */
  missing(): string | undefined
}

/** `source` is the package of the command, such as `helm.sh/helm/v3/cmd/helm`. */
export function goProgram(source: string, version: string): GoProgram {
  const name = basename(source)
  const folder = join(CACHE, `${name}-${version}`)
  const path = join(folder, name)
  return {
    path,
    missing: () => {
      if (existsSync(path)) return undefined
      try {
        execFileSync('go', ['install', `${source}@v${version}`], {
          env: { ...process.env, GOBIN: folder },
          stdio: 'ignore',
          timeout: 900_000,
        })
        return undefined
      } catch (error) {
        return `${name} can't be built: it needs Go (apt-get install golang-go): ${String(error)}`
      }
    },
  }
}
