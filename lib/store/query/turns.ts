/** Turns of queries: so many run at once, so many more wait, the rest are refused, so that a busy store still answers. */

export interface TurnLimits {
  readonly running: number
  readonly waiting: number
}

interface Waiter {
  readonly go: () => void
}

/** Hands out turns in the order in which they are asked for. */
export class Turns {
  readonly #limits: TurnLimits
  readonly #waiters = new Set<Waiter>()
  #running = 0

  constructor(limits: TurnLimits) {
    this.#limits = limits
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiters.size
  }

  /**
   * Waits for a turn; the result ends it and may be called once. `undefined` when too many wait already. Rejects with
   * the signal's reason when that comes first.
   */
  async take(signal: AbortSignal): Promise<(() => void) | undefined> {
    signal.throwIfAborted()
    if (this.#running < this.#limits.running) this.#running++
    else if (this.#waiters.size >= this.#limits.waiting) return undefined
    else await this.#wait(signal)
    return () => this.#end()
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter)
        reject(signal.reason as Error)
      }
      const waiter: Waiter = {
        go: () => {
          signal.removeEventListener('abort', leave)
          resolve()
        },
      }
      this.#waiters.add(waiter)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  // The turn goes to the next in line; only without one there is a free place.
  #end(): void {
    const [next] = this.#waiters
    if (next === undefined) this.#running--
    else {
      this.#waiters.delete(next)
      next.go()
    }
  }
}
