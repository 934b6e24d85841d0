import { cachedDataVersionTag, setFlagsFromString } from 'node:v8'
import t from 'tap'
import { allowGrowth } from '../../../lib/cli/heap-bounds.ts'
import { optimizing, setV8Flags } from '../../../lib/cli/v8-flags.ts'

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

void t.test('WebAssembly is optimized in between only, also when compiling it fails', (tap) => {
  setV8Flags()
  const start = cachedDataVersionTag()
  tap.not(optimizing(cachedDataVersionTag), start)
  tap.equal(cachedDataVersionTag(), start)
  tap.throws(() =>
    optimizing(() => {
      throw new Error('no memory')
    }),
  )
  tap.equal(cachedDataVersionTag(), start)
  tap.end()
})
