/** The faults: what happens to a running logstream on a bad day, one function each. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createConnection, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeLog } from '../support/log-writer.ts'
import { COMMAND, type ServiceProcess } from '../support/service.ts'
import type { Peer } from './programs.ts'
import { Scene, type FaultResult } from './scene.ts'

export interface Fault {
  readonly name: string
  /** Why it can't run here. */
  readonly lacks?: () => string | undefined
  /** Only for logstream: it is about a source, a file or an account that the peers don't have. */
  readonly own?: true
  readonly run: (scene: Scene) => Promise<void>
}

export const faults: readonly Fault[] = [
  { name: 'kill -9, ten times, while a file grows and rotates', run: kills },
  { name: 'SIGTERM while Loki is away', run: stopWithLokiAway },
  { name: 'SIGHUP, twenty times, while lines arrive', run: reloads },
  { name: 'Loki answers 503 for five seconds', run: (scene) => badLoki(scene, () => 503) },
  { name: 'Loki answers 429 for five seconds', run: (scene) => badLoki(scene, () => 429) },
  { name: 'Loki cuts every connection for five seconds', run: (scene) => badLoki(scene, () => 'reset') },
  { name: 'Loki never answers for five seconds', run: (scene) => badLoki(scene, () => 'hang') },
  {
    name: 'Loki answers 401 for five seconds',
    run: (scene) => badLoki(scene, () => 401),
  },
  { name: 'Loki refuses one line in a hundred', run: refusals },
  { name: 'a file is rotated by renaming, five times', run: renames },
  { name: 'a file is rotated by copytruncate, five times', run: copyTruncates },
  { name: 'a file is deleted after its last line', run: deletion },
  { name: 'lines over TCP while Loki is away, then a restart', own: true, run: tcpWithLokiAway },
  { name: 'a pipe while Loki is away, then another run', own: true, run: pipeWithLokiAway },
  {
    name: 'lines over TCP while Loki is away and the disk is full',
    lacks: noMount,
    own: true,
    run: fullDisk,
  },
  { name: 'a kill leaves half a record in the spool', own: true, run: halfRecord },
  { name: 'a spool file loses its last third', own: true, run: cutSpool },
  { name: 'two processes on one storage path, both killed', own: true, run: twoProcesses },
  { name: 'the clock is a day ahead for three seconds', lacks: noFakeTime, own: true, run: clockAhead },
]

/** Breaks a fresh scene, and counts. Throws what the fault threw. */
export async function runFault(fault: Fault, peer?: Peer): Promise<FaultResult> {
  const folder = mkdtempSync(join(tmpdir(), 'logstream-fault-'))
  const scene = await Scene.open(folder, peer)
  let error: unknown
  try {
    await fault.run(scene)
  } catch (caught) {
    error = caught
  }
  const result = await scene.close()
  rmSync(folder, { recursive: true, force: true })
  if (error !== undefined) throw error as Error
  return result
}

async function kills(scene: Scene): Promise<void> {
  // A file can't be found after its rotation unless it was read before: a first life makes it known.
  scene.append('app.log', 10)
  const first = await scene.start()
  await scene.arrived(10)
  await scene.stop(first)
  const path = scene.path('app.log')
  const writer = writeLog({ path, perTick: 5, rotateAfter: 400, keep: 1000, name: 'app' })
  for (let round = 0; round < 10; round++) {
    const service = await scene.start()
    await sleep(100 + ((round * 37) % 500))
    await service.end('SIGKILL')
  }
  writer.stop()
  scene.wrote(writer.lines())
  const last = await scene.start()
  await scene.complete()
  await scene.stop(last)
}

async function stopWithLokiAway(scene: Scene): Promise<void> {
  const asked = new Promise<void>((resolve) =>
    scene.loki.respond(() => {
      resolve()
      return 'reset'
    }),
  )
  scene.append('app.log', 20_000)
  const first = await scene.start()
  await Promise.race([asked, first.ended])
  await scene.stop(first)
  scene.loki.respond(() => 204)
  await finish(scene, await scene.start())
}

async function reloads(scene: Scene): Promise<void> {
  const service = await scene.start()
  scene.append('app.log', 200)
  await scene.arrived(200)
  for (let i = 0; i < 20; i++) {
    scene.append('app.log', 200)
    service.child.kill('SIGHUP')
    await sleep(100)
  }
  await finish(scene, service)
}

async function badLoki(scene: Scene, answer: () => number | 'reset' | 'hang'): Promise<void> {
  const service = await scene.start()
  scene.append('app.log', 1000)
  await scene.arrived(1000)
  scene.loki.respond(answer)
  for (let i = 0; i < 50; i++) {
    scene.append('app.log', 100)
    await sleep(100)
  }
  scene.loki.respond(() => 204)
  await finish(scene, service)
}

async function refusals(scene: Scene): Promise<void> {
  const isBad = (line: string): boolean => /^line \d*00 /.test(line)
  scene.loki.respond(({ entries }) => (entries.some(({ line }) => isBad(line)) ? 400 : 204))
  const service = await scene.start()
  scene.append('app.log', 3000)
  await finish(scene, service)
}

async function renames(scene: Scene): Promise<void> {
  await rotations(scene, (path, round) => renameSync(path, `${path}.${round}`))
}

async function copyTruncates(scene: Scene): Promise<void> {
  await rotations(scene, (path, round) => {
    copyFileSync(path, `${path}.${round}`)
    truncateSync(path)
  })
}

async function rotations(scene: Scene, rotate: (path: string, round: number) => void): Promise<void> {
  const service = await scene.start()
  let lines = 0
  for (let round = 1; round <= 5; round++) {
    scene.append('app.log', 500 + round)
    lines += 500 + round
    // With copytruncate, what is written between the copy and the cut is lost to everyone; the writer pauses.
    await scene.arrived(lines)
    rotate(scene.path('app.log'), round)
  }
  scene.append('app.log', 100)
  await finish(scene, service)
}

async function deletion(scene: Scene): Promise<void> {
  const service = await scene.start()
  scene.append('app.log', 100)
  await scene.arrived(100)
  scene.append('app.log', 5000)
  unlinkSync(scene.path('app.log'))
  await finish(scene, service)
}

async function tcpSource(): Promise<{ port: number; source: string }> {
  const port = await freePort()
  const source = `loki.source.tcp "in" {\n  listen_port = ${port}\n  forward_to  = [loki.write.out.receiver]\n}`
  return { port, source }
}

async function tcpWithLokiAway(scene: Scene): Promise<void> {
  scene.loki.respond(() => 503)
  const { port, source } = await tcpSource()
  const first = await scene.start(source)
  const socket = createConnection(port, '127.0.0.1')
  socket.end(scene.make(20_000))
  await once(socket, 'close')
  await scene.stop(first)
  scene.loki.respond(() => 204)
  await finish(scene, await scene.start(source))
}

async function pipeWithLokiAway(scene: Scene): Promise<void> {
  scene.loki.respond(() => 503)
  const count = 20_000
  const first = await pipe(scene, scene.make(count))
  const [, spooled] = /(\d+) lines? waits? in the spool/.exec(first.stderr) ?? []
  scene.note(count - Number(spooled ?? 0))
  scene.loki.respond(() => 204)
  const second = await pipe(scene, '')
  if (first.status !== 3 || second.status !== 0)
    throw new Error(`exit statuses ${first.status} and ${second.status}:\n${first.stderr}${second.stderr}`)
  await scene.complete()
}

async function pipe(scene: Scene, input: string): Promise<{ status: number; stderr: string }> {
  const child = spawn(process.execPath, [COMMAND, '--loki-url', scene.loki.url], {
    cwd: scene.folder,
    env: { ...process.env, XDG_STATE_HOME: scene.data },
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [status] = (await once(child, 'close')) as [number]
  return { status, stderr }
}

function noMount(): string | undefined {
  return process.getuid?.() === 0 && process.platform === 'linux' ? undefined : 'needs root on Linux'
}

async function fullDisk(scene: Scene): Promise<void> {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', scene.data])
  try {
    scene.loki.respond(() => 503)
    const { port, source } = await tcpSource()
    const service = await scene.start(source)
    fill(join(scene.data, 'ballast'))
    const socket = createConnection(port, '127.0.0.1')
    socket.end(scene.make(20_000))
    await sleep(5000)
    rmSync(join(scene.data, 'ballast'))
    scene.loki.respond(() => 204)
    await finish(scene, service)
  } finally {
    execFileSync('umount', ['-l', scene.data])
  }
}

/** Takes all the room there is. */
function fill(path: string): void {
  const file = openSync(path, 'a')
  try {
    for (;;) writeSync(file, Buffer.alloc(4096, 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}

/** Lines that wait in the spool, in `file`, with Loki back again. */
async function spooled(scene: Scene): Promise<{ source: string; file: string }> {
  scene.loki.respond(() => 503)
  const { port, source } = await tcpSource()
  const service = await scene.start(source)
  const socket = createConnection(port, '127.0.0.1')
  socket.end(scene.make(20_000))
  await once(socket, 'close')
  await scene.stop(service)
  scene.loki.respond(() => 204)
  const files = readdirSync(scene.data, { recursive: true, encoding: 'utf8' })
  const newest = files.filter((name) => name.endsWith('.spool')).toSorted()
  return { source, file: join(scene.data, newest.at(-1)!) }
}

async function halfRecord(scene: Scene): Promise<void> {
  const { source, file } = await spooled(scene)
  const bytes = readFileSync(file)
  // A record begins with its magic; this one is the last, without its end.
  appendFileSync(file, bytes.subarray(bytes.lastIndexOf('LSR1'), -100))
  await finish(scene, await scene.start(source))
}

async function cutSpool(scene: Scene): Promise<void> {
  const { source, file } = await spooled(scene)
  truncateSync(file, Math.floor((statSync(file).size * 2) / 3))
  const service = await scene.start(source)
  const destroyed = await scene.destroyed(service)
  await scene.complete(destroyed)
  await scene.audit(service)
  const status = await service.end('SIGTERM')
  if (status !== 4 || destroyed === 0) throw new Error(`exit status ${status}, ${destroyed} lines named`)
}

async function twoProcesses(scene: Scene): Promise<void> {
  const sources = [scene.tail('a.log'), scene.tail('b.log')]
  const names = ['a.log', 'b.log']
  for (const name of names) scene.append(name, 1000)
  const first = [await scene.start(sources[0]), await scene.start(sources[1])]
  await scene.arrived(2000)
  for (const name of names) scene.append(name, 1000)
  await scene.arrived(2500)
  for (const service of first) await service.end('SIGKILL')
  for (const name of names) {
    scene.append(name, 500)
    renameSync(scene.path(name), scene.path(`${name}.1`))
    scene.append(name, 500)
  }
  const second = [await scene.start(sources[0]), await scene.start(sources[1])]
  await scene.complete()
  for (const service of second) await scene.stop(service)
}

const FAKETIME = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path))

function noFakeTime(): string | undefined {
  return FAKETIME === undefined ? 'needs faketime (apt-get install faketime)' : undefined
}

async function clockAhead(scene: Scene): Promise<void> {
  // Loki's own rule: nothing more than ten minutes ahead.
  scene.loki.respond(({ entries }) => {
    const latest = BigInt(Date.now() + 600_000) * 1_000_000n
    return entries.some(({ timestamp }) => BigInt(timestamp) > latest)
      ? { status: 400, body: 'entry has timestamp too new' }
      : 204
  })
  const clock = join(scene.folder, 'clock')
  writeFileSync(clock, '+0d')
  const service = await scene.start(undefined, {
    LD_PRELOAD: FAKETIME!,
    FAKETIME_TIMESTAMP_FILE: clock,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  })
  scene.append('app.log', 1000)
  await scene.arrived(1000)
  writeFileSync(clock, '+1d')
  await sleep(1500)
  scene.append('app.log', 10)
  await sleep(1500)
  writeFileSync(clock, '+0d')
  await sleep(1500)
  scene.append('app.log', 1000)
  await finish(scene, service)
  if (scene.dead.length > 10)
    throw new Error(`${scene.dead.length} dead letters for 10 lines of a wrong time`)
}

async function finish(scene: Scene, service: ServiceProcess): Promise<void> {
  await scene.complete()
  await scene.stop(service)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
