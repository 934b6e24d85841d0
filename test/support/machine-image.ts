/** A base image made of this machine's own programs and libraries, for where no registry can be reached. */
import { execFile } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Dockerd } from './dockerd.ts'

const run = promisify(execFile)

/** What the Dockerfile, the launcher of the archive and the tests call. */
const PROGRAMS = 'sh tar gzip mv ln install dirname readlink groupadd useradd nologin cat id'.split(' ')

/** Imports the image as `name`; `folder` doesn't exist yet, and is deleted again. */
export async function importMachineImage(dockerd: Dockerd, folder: string, name: string): Promise<void> {
  for (const each of ['bin', 'tmp', 'etc', 'root', 'opt', 'usr/local/bin', 'var/log'])
    await mkdir(join(folder, each), { recursive: true })
  for (const each of ['bin', 'sbin']) await symlink('../bin', join(folder, 'usr', each))
  // The carried Node needs the same libraries as the one that runs this.
  const libraries = new Set(await librariesOf(process.execPath))
  for (const program of PROGRAMS) {
    const path = await whereIs(program)
    await cp(realpathSync(path), join(folder, 'bin', program))
    for (const library of await librariesOf(path)) libraries.add(library)
  }
  for (const library of libraries) {
    await mkdir(dirname(join(folder, library)), { recursive: true })
    await cp(realpathSync(library), join(folder, library))
  }
  await writeFile(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
  await writeFile(join(folder, 'etc/group'), 'root:x:0:\n')
  await run('tar', ['-C', folder, '-cf', `${folder}.tar`, '.'])
  await dockerd.docker('import', `${folder}.tar`, name)
  for (const path of [folder, `${folder}.tar`]) await rm(path, { recursive: true })
}

async function whereIs(program: string): Promise<string> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
  return (await run('sh', ['-c', `command -v ${program}`], { env })).stdout.trim()
}

async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program])
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, file]) => file!)
}
