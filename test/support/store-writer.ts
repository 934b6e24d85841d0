/**
 * A process of the kill test: pushes numbered lines until it is killed, and says the number of each push that was
 * acknowledged. The third argument names what it does all the time beside that.
 */
import { writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { boundHeap } from '../../lib/cli/heap-bounds.ts'
import { setV8Flags } from '../../lib/cli/v8-flags.ts'
import { parseMatchers } from '../../lib/logql/syntax/parse.ts'
import { backUp } from '../../lib/store/sealed/backup.ts'
import { copyByLinks } from '../../lib/store/sealed/export-copy.ts'
import { storeQuerier } from '../../lib/store/select.ts'
import { openStore, push, selection, type TestLine } from './store-harness.ts'
import { LINES_PER_PUSH, type Activity } from './store-kill.ts'

// The bounds of `logstream store`, whose memory this process stands for: V8 would keep 60 MiB more of what an export has read.
setV8Flags()
boundHeap()
const [, , folder = '', from = '0', activity] = process.argv
const store = await openStore(folder, {
  deleteRequestCancelPeriod: 0,
  retentionStreams: [{ matchers: parseMatchers('{job="old"}'), period: 1, priority: 0 }],
})
writeSync(1, 'open\n')
let next = Number(from)

const activities: Readonly<Record<Activity, () => Promise<unknown>>> = {
  seal: () => store.upkeep.sealNow(),
  compact: async () => {
    await store.upkeep.sealNow()
    await store.upkeep.compact(2n ** 62n)
  },
  retention: async () => {
    await pushOne('old', 'old')
    await store.upkeep.sealNow()
    await store.deleteOld()
  },
  delete: async () => {
    await pushOne('kill', 'secret')
    await store.deletions.add({ query: '{job="kill"} |= "secret"', from: 0, to: Date.now() })
    await store.deletions.process()
  },
  backup: async () => {
    await store.upkeep.sealNow()
    await backUp(folder, `${folder}-copy`, Date.now())
  },
  export: async () => {
    await store.upkeep.sealNow()
    const copy = await copyByLinks(folder, Date.now())
    const exported = await openStore(copy.path)
    // Batch by batch, as the export does: all lines at once would be the test's memory, not the store's.
    let lines = 0
    for await (const batch of storeQuerier(exported).entries(selection())) lines += batch.length
    if (lines === 0) throw new Error('nothing to export')
    await exported.close()
    await copy.remove()
  },
}

if (activity !== undefined) void repeat(activities[activity as Activity])
// Several pushes at a time, so that commits hold more than one.
await Promise.all(Array.from({ length: 8 }, (_, worker) => pushAll(worker)))

async function repeat(run: () => Promise<unknown>): Promise<void> {
  // A store that never had anything can't be copied.
  await pushOne('other', 'first')
  for (;;) {
    // With 64 MiB for the database a step may find no memory, also in the middle; the store tries it again.
    await run().catch((error: unknown) => {
      if (!/Out of Memory|ended a result in the middle/.test(String(error))) throw error
    })
  }
}

async function pushOne(job: string, word: string): Promise<void> {
  const lines: TestLine[] = Array.from({ length: 5 }, (_, i) => [
    `${word} ${next} ${i}`,
    next / 100 + i * 1e-6,
  ])
  await push(store, { job }, lines)
}

async function pushAll(worker: number): Promise<void> {
  for (;;) {
    const number = next++
    const lines: TestLine[] = []
    for (let i = 0; i < LINES_PER_PUSH; i++)
      lines.push([`push ${number} line ${i} ${'.'.repeat((number * 7) % 90)}`, number / 100 + i * 1e-6])
    // As any pusher would: a store that is short of memory for a moment says 503, and the lines come again.
    for (;;) {
      const { status, message } = await push(store, { job: 'kill', worker: String(worker) }, lines)
      if (status === 204) break
      if (status !== 429 && status !== 503) throw new Error(message)
      await setTimeout(10)
    }
    writeSync(1, `${number}\n`)
  }
}
