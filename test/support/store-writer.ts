/**
 * A process of the kill test: pushes numbered lines until it is killed, and says the number of each push that was
 * acknowledged. With a third argument it seals and compacts all the time.
 */
import { writeSync } from 'node:fs'
import { openStore, push, type TestLine } from './store-harness.ts'
import { LINES_PER_PUSH } from './store-kill.ts'

const [, , folder = '', from = '0', sealing = ''] = process.argv
const store = await openStore(folder)
writeSync(1, 'open\n')
let next = Number(from)
if (sealing !== '') void sealAll()

// Several pushes at a time, so that commits hold more than one.
await Promise.all(Array.from({ length: 8 }, (_, worker) => pushAll(worker)))

// As often as possible, so that a kill meets any of its steps.
async function sealAll(): Promise<void> {
  for (;;) {
    await store.upkeep.sealNow()
    await store.upkeep.compact(2n ** 62n)
  }
}

async function pushAll(worker: number): Promise<void> {
  for (;;) {
    const number = next++
    const lines: TestLine[] = []
    for (let i = 0; i < LINES_PER_PUSH; i++)
      lines.push([`push ${number} line ${i} ${'.'.repeat((number * 7) % 90)}`, number / 100 + i * 1e-6])
    const { status, message } = await push(store, { job: 'kill', worker: String(worker) }, lines)
    if (status !== 204) throw new Error(message)
    writeSync(1, `${number}\n`)
  }
}
