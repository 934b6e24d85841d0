/** `docker compose` on an engine of a test, and folders that containers can read. Needs compose 2.24 for `!override`. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Dockerd } from './dockerd.ts'

/** Why compose can't run here, `undefined` when it can. */
export function noCompose(): string | undefined {
  const { status, stdout } = spawnSync('docker', ['compose', 'version', '--short'], { encoding: 'utf8' })
  const [major = 0, minor = 0] = status === 0 ? stdout.replace(/^v/, '').split('.').map(Number) : []
  if (major > 2 || (major === 2 && minor >= 24)) return undefined
  return 'docker compose 2.24 or later is not installed'
}

/** A compose file with changes for this machine, as `docker compose` runs it. */
export interface Project {
  /** Starts services and waits until they are healthy. */
  readonly up: (...services: string[]) => Promise<void>
  readonly compose: (...args: string[]) => Promise<string>
  /** A field of what `docker inspect` says of a service's container. */
  readonly inspect: (service: string, field: string) => Promise<string>
  /** The address on this machine of a port that a service publishes. */
  readonly address: (service: string, port: number) => Promise<string>
}

export function project(
  tap: Test,
  dockerd: Dockerd,
  file: string,
  override: string,
  env: string = '',
): Project {
  const folder = openFolder(tap)
  writeFileSync(join(folder, 'override.yml'), override)
  writeFileSync(join(folder, 'env'), env)
  const files = ['--env-file', join(folder, 'env'), '-f', file, '-f', join(folder, 'override.yml')]
  const compose = async (...args: string[]): Promise<string> =>
    await dockerd.docker('compose', '--project-directory', process.cwd(), ...files, ...args)
  tap.teardown(async () => await compose('down', '--volumes', '--timeout', '0'))
  return {
    up: async (...services) => {
      await compose('up', '-d', '--no-build', '--wait', ...services).catch(async (cause: unknown) => {
        const said = [await compose('ps', '-a'), await compose('logs', '--no-color')]
        throw new Error(said.join('\n'), { cause })
      })
    },
    compose,
    inspect: async (service, field) =>
      await dockerd.docker('inspect', '-f', `{{${field}}}`, await compose('ps', '-aq', service)),
    address: async (service, port) => await compose('port', service, String(port)),
  }
}

/** A folder that every user can read. */
export function openFolder(tap: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'image-'))
  chmodSync(folder, 0o755)
  tap.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}
