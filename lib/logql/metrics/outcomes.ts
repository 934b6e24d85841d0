/** Remembers what became of lines by the bytes of the fields that decide it. */

/** So many outcomes are remembered, of so many bytes; the slots are a power of two. */
const MAX_OUTCOMES = 65_536
const MAX_BYTES = 4 * 1024 * 1024
const SLOTS = 2 * MAX_OUTCOMES
const MAX_KEY = 2048

/** A key is written with `begin`, `number` and `text`, then looked up. */
export class Outcomes<Outcome> {
  readonly #outcomes: Outcome[] = []
  /** Numbers of outcomes plus 1; 0 for a free slot. */
  #slots = new Int32Array(1024)
  #hashes = new Int32Array(512)
  #ends = new Int32Array(512)
  #bytes = new Uint8Array(65_536)
  readonly #key = new Uint8Array(MAX_KEY)
  #length = 0
  #hash = 0

  begin(): void {
    this.#length = 0
    this.#hash = 0x811c9dc5 | 0
  }

  /** Appends a number of up to 32 bits. Keys are written in one way, so that numbers and texts can't be mistaken. */
  number(value: number): void {
    const key = this.#key
    for (let shift = 0; shift < 32; shift += 8) key[this.#length++] = value >>> shift
    this.#hash = Math.imul(this.#hash ^ value, 0x01000193)
  }

  /** Appends bytes and their number. Returns `false` if the key is too long. */
  text(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#length + (to - from) + 64 > MAX_KEY) return false
    this.number(to - from)
    const key = this.#key
    let hash = this.#hash
    for (let i = from, at = this.#length; i < to; i++) {
      const byte = bytes[i]!
      key[at++] = byte
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
    this.#length += to - from
    this.#hash = hash
    return true
  }

  /** The outcome of the key. */
  get(): Outcome | undefined {
    const number = this.#slots[this.#slotOf()]!
    return number === 0 ? undefined : this.#outcomes[number - 1]
  }

  /** Remembers the outcome of the key, which must be new, as long as there is room. */
  add(outcome: Outcome): void {
    const count = this.#outcomes.length
    const start = count === 0 ? 0 : this.#ends[count - 1]!
    const end = start + this.#length
    if (count >= MAX_OUTCOMES || end > MAX_BYTES) return
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    if (count === this.#hashes.length) this.#grow()
    this.#bytes.set(this.#key.subarray(0, this.#length), start)
    this.#ends[count] = end
    this.#hashes[count] = this.#hash
    this.#slots[this.#slotOf()] = this.#outcomes.push(outcome)
  }

  /** The slot of the key, or the free one where it belongs. */
  #slotOf(): number {
    const mask = this.#slots.length - 1
    for (let slot = (this.#hash ^ (this.#hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot]!
      if (number === 0 || (this.#hashes[number - 1] === this.#hash && this.#isKey(number - 1))) return slot
    }
  }

  #isKey(at: number): boolean {
    const start = at === 0 ? 0 : this.#ends[at - 1]!
    if (this.#ends[at]! - start !== this.#length) return false
    for (let i = 0; i < this.#length; i++) if (this.#bytes[start + i] !== this.#key[i]) return false
    return true
  }

  #grow(): void {
    const hashes = new Int32Array(this.#hashes.length * 2)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    const ends = new Int32Array(hashes.length)
    ends.set(this.#ends)
    this.#ends = ends
    const slots = (this.#slots = new Int32Array(Math.min(SLOTS, hashes.length * 2)))
    const mask = slots.length - 1
    for (let i = 0; i < this.#outcomes.length; i++) {
      let slot = (hashes[i]! ^ (hashes[i]! >>> 15)) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = i + 1
    }
  }
}
