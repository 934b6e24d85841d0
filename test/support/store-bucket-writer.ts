/**
 * A process that does everything with a bucket that a store does, step by step: it seals, joins, deletes and sweeps. It says
 * each line that was acknowledged, and `done` at the end.
 */
import { writeSync } from 'node:fs'
import { systemClock } from '../../lib/flow/clock.ts'
import { storageAt } from './store-bucket.ts'
import { openStore, push } from './store-harness.ts'

const [, , folder = '', endpoint = '', prefix = ''] = process.argv
const HOUR = 3600
let ahead = 0
const clock = { ...systemClock, now: () => Date.now() + ahead }
const options = { objectStorage: storageAt(endpoint, { prefix, cacheSize: 1 }), deleteRequestCancelPeriod: 0 }
const store = await openStore(folder, options, clock)
const flush = (): Promise<void> => store.objectStorage!.mirror.flush()

async function add(line: string, hour: number): Promise<void> {
  const { status } = await push(store, { job: 'kept', hour: String(hour) }, [[line, hour * HOUR]])
  if (status !== 204) throw new Error(`${status} for ${line}`)
  writeSync(1, `${line.slice(0, 20)}\n`)
}

for (const hour of [0, 1, 2]) await add(`line of hour ${hour}`, hour)
await add(`long ${'ü'.repeat(5000)}`, 3)
await push(store, { job: 'gone' }, ['secret'])
await store.seal()
await add('line of another seal', 0.5)
await store.seal()
await store.upkeep.compact(2n ** 62n)
await flush()
await store.deletions.add({ query: '{job="gone"}', from: 0, to: clock.now() })
await flush()
await store.deletions.process()
for (let i = 0; i < 3; i++) {
  await flush()
  ahead += HOUR * 1000
}
writeSync(1, 'done\n')
await store.close()
