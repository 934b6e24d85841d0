/**
 * The clock of a check. It stands still while lines flow, so that nothing is held or released because the sample is read
 * faster, or slower, than it was written. It jumps to the next timer only when everything waits for one, as a
 * `stage.limit` does: a check never waits in real time.
 */
import type { Clock, Timer } from '../flow/clock.ts'

interface Pending {
  readonly at: number
  readonly run: () => void
}

export class SampleClock implements Clock {
  #now: number
  readonly #timers = new Set<Pending>()

  /** `now` in milliseconds of Unix time. */
  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, ms), run }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  /** Jumps to the next timer and runs it. */
  jump(): void {
    let next: Pending | undefined
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer
    if (next === undefined) return
    this.#timers.delete(next)
    this.#now = Math.max(this.#now, next.at)
    next.run()
  }
}

/** Turns of the event loop without progress after which everything is taken to wait: a batch takes a few. */
const IDLE_TURNS = 20

/** What the clock looks at to see whether lines flow. */
export interface Flow {
  /** Changes whenever something moves. */
  readonly progress: number
  /** Pending while the next lines of the sample are being read. */
  readonly reading: Promise<unknown> | undefined
}

/** Lets `clock` jump whenever nothing flows, until `work` has ended. */
export async function driven<T>(work: Promise<T>, clock: SampleClock, flow: Flow): Promise<T> {
  let ended = false
  const end = work.then(
    () => void (ended = true),
    () => void (ended = true),
  )
  let seen = flow.progress
  for (let idle = 0; !ended;) {
    if (flow.reading === undefined) await new Promise<void>((resolve) => setImmediate(resolve))
    else await Promise.race([flow.reading, end])
    idle = flow.progress === seen && flow.reading === undefined ? idle + 1 : 0
    seen = flow.progress
    if (idle < IDLE_TURNS) continue
    idle = 0
    clock.jump()
  }
  return await work
}
