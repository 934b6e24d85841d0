/**
 * The one way here to wait for what another part of the program does: one side changes its state and calls
 * `notify()`, the other awaits `until(condition)`. Where each waiter takes something the others then lack, write
 * `while (!free) await signal.next()` instead, so that each looks again in the same turn in which it takes.
 * A waiter doesn't keep the process alive; see `keepAlive`.
 */
import type { Clock } from './clock.ts'

export class Signal {
  // A Set keeps the order of arrival and lets one whose time is up leave.
  #waiters = new Set<() => void>()

  /** Wakes all who wait now; those who start waiting later are woken by the next call. */
  notify(): void {
    if (this.#waiters.size === 0) return
    const waiters = this.#waiters
    this.#waiters = new Set<() => void>()
    for (const wake of waiters) wake()
  }

  /** Resolves at the next `notify()`. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiters.add(resolve))
  }

  /** Resolves at the next `notify()`, or after `ms` milliseconds on `clock`. */
  nextWithin(ms: number, clock: Clock): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        timer.cancel()
        resolve()
      }
      this.#waiters.add(wake)
      const timer = clock.after(ms, () => {
        this.#waiters.delete(wake)
        resolve()
      })
    })
  }

  /** Resolves once `condition` holds. Checks it now and after every `notify()`; rejects with what it throws. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.next()
  }
}
