/** Keeps V8's heap small in a process that runs for long, its young generation above all. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { GROWTH_FLAGS } from './v8-flags.ts'

/**
 * V8 doubles the young generation each time as many bytes as it holds have survived, so in the end it has its full
 * size, two halves of 16 MiB, however little survives. It reaches a quarter of that within the first second of a busy run, and
 * more would only make long runs take more memory than short ones.
 */
const ENOUGH_BYTES = 2 * 4 * 1024 * 1024
/** While 1,000 files are opened it doubles every 100 ms: looked at every 500 ms, it took 30 MiB and 5 % of CPU more. */
const LOOK_MS = 100

/**
 * By how much of itself the old generation may grow until it is collected, 8 MiB at least. V8 would let a small one grow to
 * four times its size, with what becomes garbage at 2 bytes a line. One as large as that of 50,000 streams would be collected
 * too often then: a third more CPU time.
 */
const GROWTH_OF_LARGE = '--heap-growing-percent=100'
const LARGE_BYTES = 32 * 1024 * 1024

/**
 * Stops the growth of the young generation at a quarter of what V8 allows, unless the user has said another size; it may
 * shrink, and grow again. Bounds the growth of the old one.
 */
export function boundHeap(): void {
  const isSaid = `${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`.includes('semi-space')
  let bounded = false
  let large = false
  const look = (): void => {
    const enough = !isSaid && bytesOf('new_space') >= ENOUGH_BYTES
    if (enough !== bounded) {
      bounded = enough
      allowGrowth(!enough)
    }
    const isLarge = bytesOf('old_space') >= LARGE_BYTES
    if (isLarge === large) return
    large = isLarge
    setFlagsFromString(large ? GROWTH_OF_LARGE : GROWTH_FLAGS.old)
  }
  setFlagsFromString(GROWTH_FLAGS.old)
  setInterval(look, LOOK_MS).unref()
}

/** V8 reads the flag whenever the young generation could grow. */
export function allowGrowth(allowed: boolean): void {
  setFlagsFromString(allowed ? GROWTH_FLAGS.young : '--semi-space-growth-factor=1')
}

function bytesOf(space: string): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === space)?.space_size ?? 0
}
