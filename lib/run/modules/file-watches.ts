/** Watches of the files that a config was read from: one each, for as long as the config that runs needs it. */
import type { Clock } from '../../flow/clock.ts'
import { watchFile, type WatchSettings } from '../../disk/watch-file.ts'

export class FileWatches {
  readonly #clock: Clock
  readonly #onChange: () => void
  readonly #watches = new Map<string, () => void>()

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock
    this.#onChange = onChange
  }

  /** Watches these files and no others. */
  set(wanted: readonly WatchSettings[]): void {
    const byKey = new Map(wanted.map((each) => [JSON.stringify(each), each]))
    for (const [key, stop] of this.#watches) {
      if (byKey.has(key)) continue
      stop()
      this.#watches.delete(key)
    }
    for (const [key, each] of byKey)
      if (!this.#watches.has(key)) this.#watches.set(key, watchFile(each, this.#clock, this.#onChange))
  }
}
