/** Senders' names by reverse DNS, cached. A slow or missing name server must not hold up messages. */
import type { Clock } from '../../flow/clock.ts'

const PATIENCE_MS = 1000

/** Resolves with the names of an address; rejects if it has none. */
export type ReverseLookup = (ip: string) => Promise<string[]>

export class Hostnames {
  readonly #lookup: ReverseLookup
  readonly #clock: Clock
  readonly #capacity: number
  /** Oldest use first. */
  readonly #known = new Map<string, string>()

  constructor(lookup: ReverseLookup, clock: Clock, capacity: number) {
    this.#lookup = lookup
    this.#clock = clock
    this.#capacity = capacity > 0 ? capacity : 128
  }

  /** The name if it is cached. */
  known(ip: string): string | undefined {
    const name = this.#known.get(ip)
    if (name === undefined) return undefined
    this.#known.delete(ip)
    this.#known.set(ip, name)
    return name
  }

  /** Resolves with the names, joined by commas; '' if there are none, or none within a second. Never rejects. */
  async of(ip: string): Promise<string> {
    const known = this.known(ip)
    if (known !== undefined) return known
    const found = this.#lookup(ip)
      .then((names) => names.map(absolute).join(','))
      .catch(() => '')
      .then((name) => this.#remember(ip, name))
    let cancel = (): void => {}
    const tooLong = new Promise<string>((resolve) => {
      const timer = this.#clock.after(PATIENCE_MS, () => resolve(this.#remember(ip, '')))
      cancel = () => timer.cancel()
    })
    return await Promise.race([found, tooLong]).finally(cancel)
  }

  #remember(ip: string, name: string): string {
    this.#known.delete(ip)
    this.#known.set(ip, name)
    if (this.#known.size > this.#capacity) this.#known.delete(this.#known.keys().next().value!)
    return name
  }
}

// As Go gives them.
function absolute(name: string): string {
  return name.includes('.') && !name.endsWith('.') ? `${name}.` : name
}
