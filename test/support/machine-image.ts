/** A base image made of this machine's own programs and libraries, for where no registry can be reached. */
import { execFile } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Dockerd } from './dockerd.ts'

const run = promisify(execFile)
/** What the Dockerfile and the launcher of the archive call. */
const PROGRAMS = [
  'sh',
  'bash',
  'tar',
  'gzip',
  'mv',
  'ln',
  'install',
  'dirname',
  'readlink',
  'groupadd',
  'useradd',
  'cat',
  'id',
]

/** Imports the image under a name; `folder` is empty. */
export async function importMachineImage(dockerd: Dockerd, folder: string, name: string): Promise<void> {
  for (const each of ['bin', 'tmp', 'etc', 'usr/sbin', 'run', 'proc', 'dev', 'root'])
    await mkdir(join(folder, each), { recursive: true })
  await symlink('../bin', join(folder, 'usr/bin'))
  const files = new Set([
    '/usr/lib/x86_64-linux-gnu/libstdc++.so.6',
    '/lib/x86_64-linux-gnu/libnss_files.so.2',
  ])
  for (const program of PROGRAMS) {
    const path = (
      await run('sh', ['-c', `command -v ${program}`], { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } })
    ).stdout.trim()
    await cp(realpathSync(path), join(folder, 'bin', program))
    for (const library of await librariesOf(path)) files.add(library)
  }
  for (const library of await librariesOf(process.execPath)) files.add(library)
  for (const file of files) {
    const to = join(folder, file)
    await mkdir(dirname(to), { recursive: true })
    await cp(realpathSync(file), to)
  }
  await writeFile(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
  await writeFile(join(folder, 'etc/group'), 'root:x:0:\n')
  await run('tar', ['-C', folder, '-cf', `${folder}.tar`, '.'])
  await dockerd.docker('import', `${folder}.tar`, name)
}

async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program])
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, file]) => file!)
}
