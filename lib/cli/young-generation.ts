/** Keeps V8's young generation small in a process that runs for long. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/**
 * V8 doubles the young generation each time as many bytes as it holds have survived, so in the end it has its full
 * size, two halves of 16 MiB, however little survives. It reaches a quarter of that within the first second of a busy run, and
 * more would only make long runs take more memory than short ones.
 */
const ENOUGH_BYTES = 2 * 4 * 1024 * 1024
const LOOK_MS = 500

/** Stops its growth at a quarter of what V8 allows, unless the user has said another size. It may shrink, and grow again. */
export function boundYoungGeneration(): void {
  if (`${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`.includes('semi-space')) return
  let bounded = false
  const look = (): void => {
    const enough = youngBytes() >= ENOUGH_BYTES
    if (enough === bounded) return
    bounded = enough
    allowGrowth(!enough)
  }
  setInterval(look, LOOK_MS).unref()
}

/** V8 reads the flag whenever the young generation could grow. 2 is its default. */
export function allowGrowth(allowed: boolean): void {
  setFlagsFromString(`--semi-space-growth-factor=${allowed ? 2 : 1}`)
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
}
