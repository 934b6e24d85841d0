/**
 * A process with few file descriptors, which opens the store in a folder with none to spare, then with one more each time
 * until it can. Says how often it couldn't, and why.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { messageOf } from '../../lib/errors.ts'
import { openStore } from './store-harness.ts'

const [, , folder = '', warmUp = ''] = process.argv
// What is loaded at the first opening takes descriptors too.
await (await openStore(warmUp)).close()
const taken: number[] = []
const takeAll = (): void => {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch {
    // That was the last one.
  }
}
for (let spare = 0; ; spare++) {
  takeAll()
  for (const each of taken.splice(0, spare)) closeSync(each)
  const failure = await openStore(folder).then(
    async (store) => {
      await store.close()
      return undefined
    },
    (error: unknown) => messageOf(error),
  )
  if (failure === undefined) break
  writeSync(1, `${failure}\n`)
}
