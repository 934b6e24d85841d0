/**
 * The store with a bucket on a real server: kills between each pair of steps, requests that fail or take long, a disk that is
 * full, and the recorded queries from an empty disk.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { ACCESS_KEY, SECRET_KEY } from '../support/fake-s3.ts'
import { problemsOf, pushFixture, RECORDED } from '../support/recorded-queries.ts'
import { startGate, type Gate, type Moment } from '../support/s3-gate.ts'
import { noS3Server, startS3Server } from '../support/s3-server.ts'
import { bucketArguments, missingIn, storageAt } from '../support/store-bucket.ts'
import { openStore, SECONDS, select, StoreHarness, storeFolder } from '../support/store-harness.ts'
import { StoreProcess } from '../support/store-process.ts'

/** Every so manieth step is one at which the process is killed; 1: each of them. */
const STRIDE = Number(process.env['STRIDE'] ?? 1)
const skip = noS3Server()

/** The objects of a bucket, as the server keeps them. */
function objectsIn(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return new Map(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name))]),
  )
}

interface Written {
  readonly lines: readonly string[]
  readonly isDone: boolean
}

/** Runs the writer, and kills it at one of its requests. */
async function write(gate: Gate, folder: string, prefix: string, kill?: [number, Moment]): Promise<Written> {
  const script = fileURLToPath(new URL('../support/store-bucket-writer.js', import.meta.url))
  const child = spawn(process.execPath, [script, folder, gate.url, prefix], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  gate.writes = 0
  gate.at = (write, moment) => {
    if (kill === undefined || write !== kill[0] || moment !== kill[1]) return undefined
    child.kill('SIGKILL')
    return exited.then(() => 500)
  }
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) lines.push(line)
  await exited
  gate.at = undefined
  return { lines: lines.filter((line) => line !== 'done'), isDone: lines.includes('done') }
}

void t.test('kill -9 at each request that writes', { skip, timeout: 1_800_000 }, async (t) => {
  const server = t.testdir({})
  const s3 = await startS3Server(server)
  t.teardown(() => s3.kill())
  const gate = await startGate(t, s3.port)
  const whole = await write(gate, await storeFolder((run) => t.teardown(run)), 'whole')
  t.ok(whole.isDone)
  const steps = gate.writes
  t.ok(steps > 30, `${steps} requests`)
  let kills = 0
  for (let step = 1; step <= steps; step += STRIDE)
    for (const moment of ['before', 'after'] as const) {
      const prefix = `${step}-${moment}`
      const folder = await storeFolder((run) => t.teardown(run))
      const { lines, isDone } = await write(gate, folder, prefix, [step, moment])
      if (isDone) continue
      kills++
      t.same(missingIn(objectsIn(join(server, 'logs')), prefix), [], `${prefix}: what is listed is there`)
      const linesOf = async (path: string, isFlushed: boolean): Promise<string[]> => {
        const store = await openStore(path, { objectStorage: storageAt(gate.url, { prefix }) })
        try {
          if (isFlushed) await store.seal()
          return (await select(store))
            .map(({ line }) => line.slice(0, 20))
            .filter((line) => line !== 'secret')
        } finally {
          await store.close()
        }
      }
      const sorted = (all: readonly string[]): string[] => all.toSorted()
      t.same(sorted(await linesOf(folder, true)), sorted(lines), `${prefix}: all that was acknowledged, once`)
      const empty = await storeFolder((run) => t.teardown(run))
      t.same(sorted(await linesOf(empty, false)), sorted(lines), `${prefix}: from an empty disk`)
      t.same(missingIn(objectsIn(join(server, 'logs')), prefix), [])
    }
  t.comment(`${kills} kills at ${steps} requests`)
})

const flags = (endpoint: string, prefix: string): string[] => [
  '--object-storage.bucket=logs',
  `--object-storage.prefix=${prefix}`,
  `--object-storage.endpoint=${endpoint}`,
  `--object-storage.access-key-id=${ACCESS_KEY}`,
  `--object-storage.secret-access-key=${SECRET_KEY}`,
  '--object-storage.request-timeout=1s',
  '--object-storage.cache-size=1B',
]

const flush = async (url: string): Promise<number> => (await fetch(`${url}/flush`, { method: 'POST' })).status

const streamOf = (lines: readonly string[], second: number): object[] => [
  {
    stream: { job: 'x' },
    values: lines.map((line, i) => [`${SECONDS + second}${String(i).padStart(9, '0')}`, line]),
  },
]

async function linesIn(store: StoreProcess, needle = ''): Promise<string[]> {
  const found = await store.query('query_range', {
    query: `{job="x"} |= "${needle}"`,
    start: String(SECONDS),
    end: String(SECONDS + 10 * 86_400),
    limit: '5000',
  })
  return found.flatMap(({ values = [] }) => values.map(([, line]) => line)).toSorted()
}

void t.test(
  'requests that are refused, late, or answered too late',
  { skip, timeout: 600_000 },
  async (t) => {
    const server = t.testdir({})
    const s3 = await startS3Server(server)
    t.teardown(() => s3.kill())
    const gate = await startGate(t, s3.port)
    const counts = { refused: 0, slow: 0, late: 0 }
    const later = (ms: number): Promise<number> =>
      new Promise((resolve) => setTimeout(() => resolve(503), ms).unref())
    gate.at = (write, moment) => {
      if (moment === 'before' && write % 3 === 1) {
        counts.refused++
        return Promise.resolve(503)
      }
      if (moment === 'before' && write % 7 === 2) {
        counts.slow++
        return later(3000)
      }
      if (moment === 'after' && write % 5 === 0) {
        counts.late++
        return later(write % 2 === 0 ? 0 : 3000)
      }
      return undefined
    }
    const store = await StoreProcess.start(
      await storeFolder((run) => t.teardown(run)),
      ...flags(gate.url, 'faults'),
    )
    t.teardown(() => store.stop())
    const written: string[] = []
    for (let round = 0; round < 6; round++) {
      const lines = Array.from({ length: 100 }, (_, i) => `round ${round} line ${i}`)
      await store.push(streamOf(lines, round * 3600))
      written.push(...lines)
      await flush(store.url)
      t.same(missingIn(objectsIn(join(server, 'logs')), 'faults'), [])
    }
    let status = 0
    for (let attempt = 0; attempt < 60 && status !== 204; attempt++) status = await flush(store.url)
    t.equal(status, 204)
    t.same(await linesIn(store), written.toSorted())
    await store.stop()
    t.comment(JSON.stringify(counts))
    t.ok(counts.refused > 0 && counts.slow > 0 && counts.late > 0)
    gate.at = undefined
    const other = await StoreProcess.start(
      await storeFolder((run) => t.teardown(run)),
      ...flags(gate.url, 'faults'),
    )
    t.teardown(() => other.stop())
    t.same(await linesIn(other), written.toSorted())
  },
)

const isRoot = process.getuid?.() === 0 && process.platform === 'linux'

void t.test(
  'a disk smaller than the store, and full',
  { skip: skip ?? (isRoot ? false : 'only root mounts'), timeout: 600_000 },
  async (t) => {
    const server = t.testdir({})
    const s3 = await startS3Server(server)
    t.teardown(() => s3.kill())
    const folder = await storeFolder((run) => t.teardown(run))
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128m', 'tmpfs', disk])
    t.teardown(() => execFileSync('umount', ['-l', disk]))
    // No bound: the disk is one.
    const bucket = flags(`http://127.0.0.1:${s3.port}`, 'full').filter((flag) => !flag.includes('cache-size'))
    const store = await StoreProcess.start(join(disk, 'store'), ...bucket)
    t.teardown(() => store.stop())
    const numbers: number[] = []
    const pushOne = async (number: number): Promise<void> => {
      const lines = Array.from(
        { length: 2000 },
        (_, i) => `number-${number}- ${i} ${randomBytes(1500).toString('base64')}`,
      )
      await store.push(streamOf(lines, number * 3600))
      numbers.push(number)
    }
    for (let number = 0; number < 30; number++) {
      await pushOne(number)
      t.equal(await flush(store.url), 204)
    }
    const bytes = [...objectsIn(join(server, 'logs'))]
      .filter(([name]) => name.endsWith('.parquet'))
      .reduce((sum, [, { length }]) => sum + length, 0)
    t.ok(bytes > 1.2 * 64 * 1024 ** 2, `${bytes} bytes in the bucket, of which 64 MiB may be on the disk`)
    const check = async (): Promise<void> => {
      for (const number of numbers)
        t.equal((await linesIn(store, `number-${number}-`)).length, 2000, `push ${number}`)
    }
    await check()
    const ballast = join(disk, 'ballast')
    // Files of the bucket make room for a while.
    for (let i = 0; i < 4; i++) {
      fill(ballast)
      await new Promise((resolve) => setTimeout(resolve, 1500))
    }
    await t.rejects(linesIn(store, 'number-0-'), { message: /the disk can't take files of the bucket/ })
    await t.rejects(pushOne(30), /50[03]/)
    rmSync(ballast)
    for (let attempt = 0; attempt < 100; attempt++) {
      const { status } = await fetch(`${store.url}/ready`)
      if (status === 200) break
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await pushOne(30)
    await check()
  },
)

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

for (const { folder, options, more } of RECORDED)
  void t.test(`recorded queries from an empty disk: ${folder}`, { skip, timeout: 600_000 }, async (t) => {
    const server = t.testdir({})
    const s3 = await startS3Server(server)
    t.teardown(() => s3.kill())
    const start = async (): Promise<StoreHarness> => {
      const path = await storeFolder((run) => t.teardown(run))
      const bucket = bucketArguments(`http://127.0.0.1:${s3.port}`)
      const harness = new StoreHarness({ path, object_storage: bucket, ...options })
      await harness.component.start!()
      return harness
    }
    const first = await start()
    for (const file of ['dataset', 'dataset-edge', ...more])
      t.equal(await pushFixture(first.url, file), 204, file)
    t.equal(await flush(first.url), 204)
    await first.end()
    const second = await start()
    t.teardown(() => second.end())
    for (const [group, problems] of await problemsOf(second.url, folder)) t.strictSame(problems, [], group)
  })
