/**
 * A real Docker engine for a test: Debian's dockerd, with folders and a socket of its own, no bridge and no iptables, and
 * one image made of busybox. Needs root, and the packages docker.io and busybox-static.
 */
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, openSync } from 'node:fs'
import { cp, mkdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const APPLETS = ['sh', 'echo', 'printf', 'sleep', 'head', 'tr', 'cat', 'kill', 'usleep', 'stty']
const BUSYBOX = '/bin/busybox'

/** Why a Docker engine can't run here, `undefined` when it can. */
export function noDocker(): string | undefined {
  if (process.getuid?.() !== 0) return 'dockerd needs root'
  for (const [file, name] of [
    ['/usr/sbin/dockerd', 'docker.io'],
    [BUSYBOX, 'busybox-static'],
  ] as const)
    if (!existsSync(file)) return `${file} is missing: apt-get install ${name}`
  return undefined
}

export interface Dockerd {
  /** `unix:///…/docker.sock`. */
  readonly host: string
  /** Runs `docker ARGS` and returns what it printed. */
  docker(...args: string[]): Promise<string>
  /** Runs a shell script in a container and returns its id; `flags` are those of `docker run`. */
  start(name: string, script: string, ...flags: string[]): Promise<string>
  close(): Promise<void>
}

/** Starts the engine and imports the image `busybox:test`. */
export async function startDockerd(): Promise<Dockerd> {
  // A socket's path has to be short.
  const folder = mkdtempSync(join(tmpdir(), 'dk-'))
  const host = `unix://${join(folder, 's')}`
  const log = openSync(join(folder, 'log'), 'w')
  const child = spawn(
    '/usr/sbin/dockerd',
    [
      '--storage-driver=vfs',
      '--iptables=false',
      '--bridge=none',
      `--data-root=${join(folder, 'data')}`,
      `--exec-root=${join(folder, 'exec')}`,
      `--pidfile=${join(folder, 'pid')}`,
      `--host=${host}`,
    ],
    { stdio: ['ignore', log, log] },
  )
  const docker = async (...args: string[]): Promise<string> =>
    (await run('docker', ['--host', host, ...args], { maxBuffer: 1 << 26 })).stdout.trim()
  await up(docker, () => child.exitCode !== null, join(folder, 'log'))
  await importBusybox(join(folder, 'root'), docker)
  return {
    host,
    docker,
    start: (name, script, ...flags) =>
      docker(
        'run',
        '-d',
        '--network',
        'none',
        '--name',
        name,
        ...flags,
        'busybox:test',
        '/bin/sh',
        '-c',
        script,
      ),
    close: async () => {
      const ids = (await docker('ps', '-q')).split('\n').filter((id) => id !== '')
      if (ids.length > 0) await docker('rm', '-f', ...ids)
      // Their bridges would stay on the machine.
      await docker('network', 'prune', '-f')
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function up(docker: Dockerd['docker'], dead: () => boolean, log: string): Promise<void> {
  // The engine doesn't say when it listens; it is asked until it answers.
  for (;;) {
    if (dead()) throw new Error(`dockerd has ended: see ${log}`)
    try {
      await docker('version')
      return
    } catch {
      await sleep(200)
    }
  }
}

async function importBusybox(root: string, docker: Dockerd['docker']): Promise<void> {
  await mkdir(join(root, 'bin'), { recursive: true })
  await mkdir(join(root, 'tmp'))
  await cp(BUSYBOX, join(root, 'bin/busybox'))
  for (const applet of APPLETS) await symlink('busybox', join(root, 'bin', applet))
  const tar = `${root}.tar`
  await run('tar', ['-C', root, '-cf', tar, '.'])
  await docker('import', tar, 'busybox:test')
}
