/**
 * The arrays of one batch of columns, which go to the next batch once it is done with. New ones each time would be 150 KB
 * a batch outside of V8's heap, by which V8 decides when to collect garbage: that was a tenth of all CPU time.
 */

type Numbers = Int32Array | Float64Array | Uint8Array

// Shorter ones aren't worth it; longer ones are rare.
const SHORTEST = 256
const LONGEST = 128 * 1024
/** Bytes kept for later batches: what a few of them take, on their way through queues. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024

let keptBytes = 0

/** Arrays of one type by their length, a power of two. */
class Kept<T extends Numbers> {
  readonly #make: (length: number) => T
  readonly #byLength = new Map<number, T[]>()

  constructor(make: (length: number) => T) {
    this.#make = make
  }

  take(length: number): T {
    const array = this.#byLength.get(length)?.pop()
    if (array === undefined) return this.#make(length)
    keptBytes -= array.byteLength
    return array
  }

  give(array: T): void {
    if (keptBytes + array.byteLength > MAX_KEPT_BYTES) return
    keptBytes += array.byteLength
    const arrays = this.#byLength.get(array.length)
    if (arrays === undefined) this.#byLength.set(array.length, [array])
    else arrays.push(array)
  }
}

const keptInts = new Kept<Int32Array>((length) => new Int32Array(length))
const keptDoubles = new Kept<Float64Array>((length) => new Float64Array(length))
const keptFlags = new Kept<Uint8Array>((length) => new Uint8Array(length))
const keptBuffers = new Kept<Buffer>((length) => Buffer.allocUnsafeSlow(length))

export class ColumnMemory {
  readonly #ints: Int32Array[] = []
  readonly #doubles: Float64Array[] = []
  readonly #flags: Uint8Array[] = []
  readonly #buffers: Buffer[] = []

  /** Numbers of any value, `length` of them or more. */
  ints(length: number): Int32Array {
    return taken(keptInts, this.#ints, length) ?? new Int32Array(length)
  }

  /** As `ints`. */
  doubles(length: number): Float64Array {
    return taken(keptDoubles, this.#doubles, length) ?? new Float64Array(length)
  }

  /** As `ints`, but all are 0. */
  flags(length: number): Uint8Array {
    return taken(keptFlags, this.#flags, length)?.fill(0) ?? new Uint8Array(length)
  }

  /** As `ints`. */
  buffer(length: number): Buffer {
    return taken(keptBuffers, this.#buffers, length) ?? Buffer.allocUnsafeSlow(length)
  }

  /** Everything that was taken goes to others: nothing may use it any more. */
  release(): void {
    for (const array of this.#ints.splice(0)) keptInts.give(array)
    for (const array of this.#doubles.splice(0)) keptDoubles.give(array)
    for (const array of this.#flags.splice(0)) keptFlags.give(array)
    for (const buffer of this.#buffers.splice(0)) keptBuffers.give(buffer)
  }
}

// Undefined for a length that isn't kept.
function taken<T extends Numbers>(kept: Kept<T>, owned: T[], length: number): T | undefined {
  if (length < SHORTEST || length > LONGEST) return undefined
  const array = kept.take(2 ** Math.ceil(Math.log2(length)))
  owned.push(array)
  return array
}
