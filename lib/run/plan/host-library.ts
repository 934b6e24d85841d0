/** The standard library of the config language as it is on this host. */
import { arch, hostname, platform } from 'node:os'
import { standardLibrary } from '../../alloy/stdlib/index.ts'
import type { Value } from '../../alloy/value.ts'
import type { Stability } from '../../component/component.ts'
import { VERSION } from '../../version.ts'

const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }
const GO_OS: Readonly<Record<string, string>> = { win32: 'windows' }

export function hostLibrary(
  env: Readonly<Record<string, string | undefined>>,
  stability: Stability,
): ReadonlyMap<string, Value> {
  return standardLibrary({
    stability,
    env,
    hostname: hostname(),
    os: GO_OS[platform()] ?? platform(),
    arch: GO_ARCH[arch()] ?? arch(),
    version: `v${VERSION}`,
  })
}
