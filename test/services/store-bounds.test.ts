/** A store with a largest size and a bound on memory, as a process, while three times as much is pushed as fits. */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { largestSize } from '../support/folder-size.ts'
import { storeFolder } from '../support/store-harness.ts'
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
  const store = await StoreProcess.start(folder, `--max-size=${MAX_SIZE}B`, `--max-memory=${MAX_MEMORY}B`)
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
