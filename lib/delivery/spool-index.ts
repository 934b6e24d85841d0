/** What waits in a spool, in memory: the places of its records by route, each route's oldest first. */
import type { RecordPlace } from './spool-format.ts'
import type { SpoolFile } from './spool-file.ts'

/** A record that waits. */
export interface Waiting extends Omit<RecordPlace, 'taken'> {
  readonly file: SpoolFile
}

export class SpoolIndex {
  readonly #routes = new Map<string, Waiting[]>()
  #entries = 0

  /** Entries of all records. */
  get entries(): number {
    return this.#entries
  }

  get empty(): boolean {
    return this.#routes.size === 0
  }

  has(route: string): boolean {
    return this.#routes.has(route)
  }

  /** Adds a record after all of its route that are as old or older. */
  add(record: Waiting): void {
    this.#entries += record.entries
    const of = this.#routes.get(record.route)
    if (of === undefined) {
      this.#routes.set(record.route, [record])
      return
    }
    // Nearly always the youngest: a batch that was given up comes after those that could not wait for it.
    let at = of.length
    while (at > 0 && of[at - 1]!.bornAt > record.bornAt) at--
    of.splice(at, 0, record)
  }

  remove(record: Waiting): void {
    const of = this.#routes.get(record.route)
    const at = of?.indexOf(record) ?? -1
    if (of === undefined || at < 0) return
    this.#entries -= record.entries
    if (of.length === 1) this.#routes.delete(record.route)
    else of.splice(at, 1)
  }

  /** The oldest record of all that `accept` takes. */
  oldest(accept: (record: Waiting) => boolean = () => true): Waiting | undefined {
    let oldest: Waiting | undefined
    for (const of of this.#routes.values()) {
      const first = of.find(accept)
      if (first !== undefined && (oldest === undefined || first.bornAt < oldest.bornAt)) oldest = first
    }
    return oldest
  }

  /** When the youngest record was born; -Infinity without any. */
  get youngest(): number {
    let youngest = Number.NEGATIVE_INFINITY
    for (const of of this.#routes.values()) youngest = Math.max(youngest, of.at(-1)!.bornAt)
    return youngest
  }
}
