/** Opens the store in a folder with few file descriptors; the other folder is for a store that loads what is needed. */
import { untilItWorks } from './few-files.ts'
import { openStore } from './store-harness.ts'

const [, , folder = '', warmUp = ''] = process.argv
await (await openStore(warmUp)).close()
await untilItWorks(async () => {
  const store = await openStore(folder)
  await store.close()
})
