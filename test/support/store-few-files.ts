/**
 * Opens the store in a folder, joins its files and reads all there is, with few file descriptors. The other folder is for a
 * store that loads what is needed.
 */
import { untilItWorks } from './few-files.ts'
import { StepClock } from './step-clock.ts'
import { openStore, select } from './store-harness.ts'

const [, , folder = '', warmUp = ''] = process.argv
// Nothing is joined by itself.
const clock = new StepClock(Date.now())
const other = await openStore(warmUp)
await other.upkeep.sealNow()
await select(other)
await other.close()
await untilItWorks(async () => {
  const store = await openStore(folder, {}, clock)
  await store.close()
})
const store = await openStore(folder, {}, clock)
await untilItWorks(() => store.upkeep.compact(2n ** 62n))
await untilItWorks(() => select(store))
await store.close()
