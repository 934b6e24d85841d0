/**
 * Collects what V8 has made a moment ago. Chunks and results of DuckDB are freed when V8 collects the objects that stand for
 * them, and V8 knows nothing of their size: 72 KiB a chunk looked like a few bytes, and a query of a million numbers left up to
 * 100 MiB of them.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { readonly type: 'minor' }) => void

let collect: Collect | undefined

/** Takes a millisecond or two. What the objects stand for is freed in the next turn of the event loop. */
export function collectYoung(): void {
  collect ??= collector()
  collect({ type: 'minor' })
}

// Only contexts that are made while the flag is set have the function.
function collector(): Collect {
  setFlagsFromString('--expose-gc')
  try {
    return runInNewContext('gc') as Collect
  } finally {
    setFlagsFromString('--no-expose-gc')
  }
}
