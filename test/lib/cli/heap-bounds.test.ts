import { execFile } from 'node:child_process'
import { cachedDataVersionTag } from 'node:v8'
import { promisify } from 'node:util'
import t from 'tap'
import { allowGrowth } from '../../../lib/cli/heap-bounds.ts'

const MODULE = new URL('../../../lib/cli/heap-bounds.js', import.meta.url).href

// Much of what is allocated survives for a while: V8 would let the young generation grow to its full size.
const SCRIPT = `
import { getHeapSpaceStatistics } from 'node:v8'
import { setTimeout as sleep } from 'node:timers/promises'
import { boundHeap } from ${JSON.stringify(MODULE)}
if (process.argv[1] === 'bound') boundHeap()
const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 1048576
let largest = 0
const kept = []
for (let step = 0; step < 120 && largest < 32; step++) {
  for (let i = 0; i < 2000; i++) kept[i % 6000] = new Array(60).fill(i + 0.5)
  const now = size()
  if (now <= largest) continue
  largest = now
  // It's looked at twice a second: no further growth before that, however slow the machine is.
  if (now >= 4) await sleep(600)
}
process.stdout.write(String(largest))
`

async function largestMiB(how: 'bound' | 'free', ...flags: string[]): Promise<number> {
  const args = [...flags, '--input-type=module', '-e', SCRIPT, how]
  return Number((await promisify(execFile)(process.execPath, args)).stdout)
}

void t.test('the young generation grows to a quarter of what V8 allows', async (tap) => {
  tap.equal(await largestMiB('free'), 32, 'left alone it grows')
  tap.ok((await largestMiB('bound')) <= 8)
})

void t.test('a size that the user has said is left alone', async (tap) => {
  tap.equal(await largestMiB('bound', '--max-semi-space-size=16'), 32)
})

void t.test('with growth allowed again the flags are as before, so that code caches still fit', (tap) => {
  const before = cachedDataVersionTag()
  allowGrowth(false)
  tap.not(cachedDataVersionTag(), before)
  allowGrowth(true)
  tap.equal(cachedDataVersionTag(), before)
  tap.end()
})
