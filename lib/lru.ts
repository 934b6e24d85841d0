/** A map of limited size that forgets the least recently used key. */

export class Lru<K, V> {
  readonly #size: number
  readonly #entries = new Map<K, V>()

  constructor(size: number) {
    this.#size = size
  }

  /** The value of a key, which now counts as used last. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  set(key: K, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#size) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }

  get size(): number {
    return this.#entries.size
  }
}
