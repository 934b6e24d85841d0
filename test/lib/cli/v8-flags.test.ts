import { cachedDataVersionTag, setFlagsFromString } from 'node:v8'
import t from 'tap'
import { allowGrowth } from '../../../lib/cli/heap-bounds.ts'
import { setV8Flags } from '../../../lib/cli/v8-flags.ts'

void t.test('set again, the flags fit code caches of the start', (tap) => {
  setV8Flags()
  const start = cachedDataVersionTag()
  allowGrowth(false)
  setFlagsFromString('--heap-growing-percent=200')
  tap.not(cachedDataVersionTag(), start)
  setV8Flags()
  tap.equal(cachedDataVersionTag(), start)
  tap.end()
})
