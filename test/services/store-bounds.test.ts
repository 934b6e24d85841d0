/** A store as a process: three times as much is pushed as fits, and 0.1.0 has left one that needs more memory than there is. */
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { largestSize } from '../support/folder-size.ts'
import { loadDuckDB } from '../../lib/store/database.ts'
import { SECONDS, storeFolder } from '../support/store-harness.ts'
import { StoreProcess } from '../support/store-process.ts'

const MIB = 1024 ** 2
const MAX_SIZE = Number(process.env['MAX_SIZE_MIB'] ?? 128) * MIB
const MAX_MEMORY = Number(process.env['MAX_MEMORY_MIB'] ?? 512) * MIB
/** Letters of a line; noise in base64 takes three quarters of them on disk. */
const LINE = 1000
const LINES = 500
const PUSHES = Math.ceil((3 * MAX_SIZE) / 0.75 / (LINE * LINES))
const AT_ONCE = 4
const ALL = '{job="fill"}'

void t.test('three times max_size', { timeout: 900_000 }, async (t) => {
  const folder = await storeFolder((run) => t.teardown(run))
  const store = await StoreProcess.start(
    folder,
    `--max-size=${MAX_SIZE / MIB}MiB`,
    `--max-memory=${MAX_MEMORY / MIB}MiB`,
  )
  t.teardown(() => store.stop())
  const begin = Date.now()
  let next = 0
  let refused = 0
  const acknowledged = new Set<number>()
  /** All pushes below it are acknowledged. */
  let whole = 0
  const pushAll = async (): Promise<void> => {
    while (next < PUSHES) {
      const push = next++
      const values = Array.from({ length: LINES }, (_, i) => {
        const number = push * LINES + i
        const time = BigInt(begin) * 1_000_000n + BigInt(number)
        return [String(time), `${number} ${randomBytes((LINE * 3) / 4).toString('base64')}`]
      })
      refused += await store.push([{ stream: { job: 'fill' }, values }])
      acknowledged.add(push)
      while (acknowledged.delete(whole)) whole++
    }
  }
  const range = { start: String(begin - 1000) + '000000', end: String(begin + 3_600_000) + '000000' }
  const numberAt = async (direction: string): Promise<number> => {
    const [found] = await store.query('query_range', { query: ALL, limit: '1', direction, ...range })
    return Number(found!.values![0]![1].split(' ', 1)[0])
  }
  const valueOf = async (of: string): Promise<number> => {
    const time = String(begin + 3000) + '000000'
    const [found] = await store.query('query', { query: `sum(${of}(${ALL}[1h]))`, time })
    return Number(found!.value![1])
  }

  let leastKept = Infinity
  let looks = 0
  let pushing = true
  const watch = async (): Promise<void> => {
    while (pushing) {
      await new Promise((resolve) => setTimeout(resolve, 1000))
      const ready = await fetch(`${store.url}/ready`)
      if (ready.status !== 200) t.fail(`/ready: ${ready.status} ${await ready.text()}`)
      const before = whole
      if (before === 0) continue
      const newest = await numberAt('backward')
      if (newest < before * LINES - 1)
        t.fail(`${newest} is the newest, ${before * LINES - 1} was acknowledged`)
      looks++
      if (before * LINES * LINE * 0.75 > MAX_SIZE)
        leastKept = Math.min(leastKept, await valueOf('bytes_over_time'))
    }
  }
  const watching = watch()
  const most = await largestSize(folder, 100, async () => {
    await Promise.all(Array.from({ length: AT_ONCE }, pushAll))
    pushing = false
    await watching
  })
  const count = await valueOf('count_over_time')
  const [oldest, newest] = [await numberAt('forward'), await numberAt('backward')]
  const peak = await store.peak()
  const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`
  t.comment(`${mib(PUSHES * LINES * LINE)} of lines pushed in ${((Date.now() - begin) / 1000).toFixed(0)} s, ${refused} answers 429, ${looks} looks`) // prettier-ignore
  t.comment(`folder ${mib(most)} at most of ${mib(MAX_SIZE)}; lines kept ${mib(leastKept)} at least; memory ${mib(peak)} at most`) // prettier-ignore
  t.ok(looks > 0)
  t.ok(most <= MAX_SIZE * 1.1, `the folder had ${mib(most)}`)
  t.ok(leastKept * 0.75 >= 0.7 * MAX_SIZE, `${mib(leastKept * 0.75)} on disk could be queried`)
  t.equal(newest, PUSHES * LINES - 1)
  t.equal(count, newest - oldest + 1, 'without a gap')
  t.ok(peak <= 1.3 * MAX_MEMORY + 150e6, `${mib(peak)} of memory`)
  await store.stop()
})

/** As 0.1.0 left it when its database couldn't write its log into its file any more. */
async function wedgedStore(folder: string, lines: number): Promise<void> {
  const { DuckDBInstance } = await loadDuckDB()
  const file = join(folder, 'old.duckdb')
  const instance = await DuckDBInstance.create(file, { checkpoint_threshold: '100GB' })
  const connection = await instance.connect()
  await connection.run('CREATE TABLE streams(id INTEGER NOT NULL, labels VARCHAR NOT NULL)')
  await connection.run(
    'CREATE TABLE entries(stream_id INTEGER NOT NULL, ts BIGINT NOT NULL, line VARCHAR NOT NULL, metadata VARCHAR NOT NULL)',
  )
  await connection.run(`INSERT INTO streams VALUES (1, '{"app":"a"}')`)
  for (let i = 0; i < lines; i += 50)
    await connection.run(
      `INSERT INTO entries SELECT 1, ${SECONDS}000000000 + i * 1000000, i::VARCHAR || ' ' || repeat(md5(i::VARCHAR), 6250), '=info' FROM range(${i}, ${i + 50}) t(i)`,
    )
  await mkdir(join(folder, 'store'))
  for (const end of ['', '.wal']) await copyFile(file + end, join(folder, 'store', `store.duckdb${end}`))
  instance.closeSync()
}

void t.test(
  'a store of 0.1.0 that its long lines had wedged is taken over',
  { timeout: 900_000 },
  async (t) => {
    const folder = await storeFolder((run) => t.teardown(run))
    const lines = 2500
    await wedgedStore(folder, lines)
    const path = join(folder, 'store')
    const count = { query: 'sum(count_over_time({app="a"}[1h]))', time: String(SECONDS + 1800) }
    for (let start = 0; start < 2; start++) {
      const store = await StoreProcess.start(path, '--max-memory=256MiB')
      t.teardown(() => store.stop())
      t.equal((await store.query('query', count))[0]!.value![1], String(lines))
      const range = { start: String(SECONDS), end: String(SECONDS + 60), direction: 'forward', limit: '1' }
      const [first] = await store.query('query_range', { query: '{app="a"} |= "1234 "', ...range })
      t.equal(first!.values![0]![1].length, '1234 '.length + 200_000)
      t.equal((await fetch(`${store.url}/flush`, { method: 'POST' })).status, 204, 'it can be sealed')
      t.comment(`memory ${((await store.peak()) / MIB).toFixed(0)} MiB at most`)
      await store.stop()
    }
    t.notOk((await readdir(path)).includes('store.duckdb'))
  },
)
