/**
 * The one way here to wait for what another part of the program does: one side changes its state and calls
 * `notify()`, the other awaits `until(condition)`. Where each waiter takes something the others then lack, write
 * `while (!free) await signal.next()` instead, so that each looks again in the same turn in which it takes.
 * A waiter doesn't keep the process alive; see `keepAlive`.
 */
import type { Clock } from './clock.ts'

export class Signal {
  // A Set keeps the order of arrival and lets one whose time is up leave. Made when something waits: an empty one takes
  // 200 bytes, and each of thousands of files has two signals.
  #waiters: Set<() => void> | undefined

  /** Wakes all who wait now; those who start waiting later are woken by the next call. */
  notify(): void {
    const waiters = this.#waiters
    if (waiters === undefined) return
    this.#waiters = undefined
    for (const wake of waiters) wake()
  }

  /** Resolves at the next `notify()`. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#add(resolve))
  }

  /** Resolves at the next `notify()`, or after `ms` milliseconds on `clock`. */
  nextWithin(ms: number, clock: Clock): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        timer.cancel()
        resolve()
      }
      this.#add(wake)
      const timer = clock.after(ms, () => {
        this.#waiters?.delete(wake)
        resolve()
      })
    })
  }

  /** Resolves once `condition` holds. Checks it now and after every `notify()`; rejects with what it throws. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.next()
  }

  #add(wake: () => void): void {
    this.#waiters ??= new Set<() => void>()
    this.#waiters.add(wake)
  }
}
