/**
 * Turns, handed out in the order of asking: a few run at once, some more may wait, the rest are turned away. Readers
 * of many files share one turn, so that a big file doesn't starve the small ones; a store bounds its queries.
 */

export interface TurnLimits {
  readonly running: number
  /** How many may wait; no limit if left out. */
  readonly waiting?: number
}

interface Waiter {
  readonly decide: (granted: boolean) => void
}

export class Turns {
  readonly #limits: TurnLimits
  readonly #waiters = new Set<Waiter>()
  readonly #done = (): void => this.#end()
  #running = 0
  #closed = false

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
   * Waits for a turn. Resolves with the function that ends it (call it once), or with `undefined` when too many wait
   * already or no more turns are given. Rejects with the signal's reason if that comes first.
   */
  async take(signal?: AbortSignal): Promise<(() => void) | undefined> {
    signal?.throwIfAborted()
    const free = this.takeFree()
    if (free !== undefined) return free
    if (this.#closed || this.#waiters.size >= (this.#limits.waiting ?? Infinity)) return undefined
    return (await this.#wait(signal)) ? this.#done : undefined
  }

  /** Takes a turn that nobody has, without waiting. Returns the function that ends it, or `undefined` if there is none. */
  takeFree(): (() => void) | undefined {
    if (this.#closed || this.#running >= this.#limits.running) return undefined
    this.#running++
    return this.#done
  }

  /** Refuses all further turns, including those already waited for. */
  close(): void {
    this.#closed = true
    for (const { decide } of this.#waiters) decide(false)
    this.#waiters.clear()
  }

  #wait(signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter)
        reject(signal!.reason as Error)
      }
      const waiter: Waiter = {
        decide: (granted) => {
          signal?.removeEventListener('abort', leave)
          resolve(granted)
        },
      }
      this.#waiters.add(waiter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  // The turn passes to the next in line; without one, its place is free.
  #end(): void {
    const [next] = this.#waiters
    if (next === undefined) {
      this.#running--
      return
    }
    this.#waiters.delete(next)
    next.decide(true)
  }
}
