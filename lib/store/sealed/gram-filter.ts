/**
 * Which four-letter sequences occur in some lines: 2^20 bits, one for each hash. A text whose sequences aren't all there is
 * in none of the lines, so files can be left out of a search. Lines of logs have few different sequences (50,000 in
 * a million transaction lines), so few bits are set.
 */
const BITS = 20
const WORDS = 2 ** (BITS - 5)
const SHIFT = 32 - BITS

export class GramFilter {
  readonly #words: Uint32Array

  private constructor(words: Uint32Array) {
    this.#words = words
  }

  static empty(): GramFilter {
    return new GramFilter(new Uint32Array(WORDS))
  }

  /** From what `bytes` returned; `undefined` for anything else. */
  static of(bytes: Uint8Array): GramFilter | undefined {
    if (bytes.length !== WORDS * 4) return undefined
    return new GramFilter(new Uint32Array(Uint8Array.from(bytes).buffer))
  }

  /** Bytes in memory. */
  get memory(): number {
    return this.#words.byteLength
  }

  /** The filter as it is now, for the index of a file. */
  bytes(): Uint8Array {
    return new Uint8Array(this.#words.slice().buffer)
  }

  add(line: string): void {
    const words = this.#words
    let gram = 0
    for (let i = 0; i < line.length; i++) {
      // The low bytes of four letters: exact for ASCII.
      gram = (gram << 8) | (line.charCodeAt(i) & 0xff)
      if (i < 3) continue
      const bit = Math.imul(gram, 0x9e3779b1) >>> SHIFT
      words[bit >>> 5]! |= 1 << (bit & 31)
    }
  }

  /** Adds all that another has. */
  include(other: GramFilter): void {
    for (let i = 0; i < WORDS; i++) this.#words[i]! |= other.#words[i]!
  }

  /** Whether a line may contain the text. */
  mayContain(text: string): boolean {
    // The database stores U+FFFD for half of a pair, and the filter has seen the half.
    if (text.includes('\ufffd')) return true
    let gram = 0
    for (let i = 0; i < text.length; i++) {
      gram = (gram << 8) | (text.charCodeAt(i) & 0xff)
      if (i < 3) continue
      const bit = Math.imul(gram, 0x9e3779b1) >>> SHIFT
      if ((this.#words[bit >>> 5]! & (1 << (bit & 31))) === 0) return false
    }
    return true
  }
}

const HOUR = 3_600_000_000_000n
/** Hours with a filter of their own; lines of others share one. */
const MOST_HOURS = 48

/** Filters of lines by the hour of their time, as files are sealed by the hour. */
export class GramFilters {
  readonly #hours = new Map<bigint, GramFilter>()
  #others: GramFilter | undefined
  #hour = -1n
  #current: GramFilter | undefined

  /** `time` in nanoseconds. */
  add(time: bigint, line: string): void {
    if (this.#current === undefined || time < this.#hour || time >= this.#hour + HOUR) {
      this.#hour = time - (((time % HOUR) + HOUR) % HOUR)
      this.#current = this.#ofHour(this.#hour)
    }
    this.#current.add(line)
  }

  #ofHour(hour: bigint): GramFilter {
    let filter = this.#hours.get(hour)
    if (filter !== undefined) return filter
    if (this.#hours.size >= MOST_HOURS) return (this.#others ??= GramFilter.empty())
    this.#hours.set(hour, (filter = GramFilter.empty()))
    return filter
  }

  /** Whether a line may contain the text. */
  mayContain(text: string): boolean {
    if (this.#others?.mayContain(text) === true) return true
    for (const filter of this.#hours.values()) if (filter.mayContain(text)) return true
    return false
  }

  /** The filter of the lines of a span, both ends in nanoseconds, the second exclusive. */
  of(from: bigint, to: bigint): GramFilter {
    const filter = GramFilter.empty()
    for (const [hour, each] of this.#hours) if (hour < to && hour + HOUR > from) filter.include(each)
    if (this.#others !== undefined) filter.include(this.#others)
    return filter
  }
}
