/** Lines that came as bytes, on their way into columns. */
import type { Ack } from '../flow/ack.ts'
import type { Stamps } from '../flow/clock.ts'
import { ColumnMemory } from '../flow/column-memory.ts'
import { Columns } from '../flow/columns.ts'
import type { LabelSet } from '../flow/labels.ts'
import type { Instant } from '../go/rfc3339.ts'

const FEED = 0x0a
const RETURN = 0x0d

/** Where the lines of a segment lie, without their line ends. One for all segments: it is used up at once. */
export class LineCuts {
  count = 0
  /** Bytes of the longest line. */
  longest = 0
  starts: Int32Array = new Int32Array(1024)
  ends: Int32Array = new Int32Array(1024)

  /** Cuts [start, end) at LF and CRLF; bytes after the last LF are a line too. */
  cut(bytes: Buffer, start: number, end: number): void {
    this.count = 0
    this.longest = 0
    let from = start
    for (let at = bytes.indexOf(FEED, from); at >= 0 && at < end; at = bytes.indexOf(FEED, from)) {
      this.#push(from, at > from && bytes[at - 1] === RETURN ? at - 1 : at)
      from = at + 1
    }
    if (from < end) this.#push(from, end)
  }

  #push(from: number, to: number): void {
    if (this.count === this.starts.length) {
      this.starts = doubled(this.starts)
      this.ends = doubled(this.ends)
    }
    this.starts[this.count] = from
    this.ends[this.count++] = to
    if (to - from > this.longest) this.longest = to - from
  }
}

/** Collects lines; `take` makes columns of them, and the builder is empty again. */
export class ColumnBuilder {
  /** Lines so far. */
  size = 0
  #memory = new ColumnMemory()
  #bytes: Buffer = NO_BYTES
  #used = 0
  #ascii = true
  #starts = NO_ROWS
  #ends = NO_ROWS
  #seconds = NO_TIMES
  #nanos = NO_ROWS
  #set = NO_ROWS
  #sets: LabelSet[] = []
  /** Lines and bytes of the columns before. */
  #lastSize = 0
  #lastUsed = 0

  /**
   * Takes the lines `first` to `last` (not included) of `cuts`, which lie one after the other in `bytes`, valid UTF-8.
   * The bytes are copied. Returns how many they were, line ends included.
   */
  add(
    bytes: Buffer,
    ascii: boolean,
    cuts: LineCuts,
    [first, last]: readonly [number, number],
    to: { readonly labels: LabelSet; readonly stamps: Stamps },
  ): number {
    const { stamps, labels } = to
    const start = cuts.starts[first]!
    const end = cuts.ends[last - 1]!
    this.#reserve(last - first, end - start)
    bytes.copy(this.#bytes, this.#used, start, end)
    if (this.#sets.at(-1) !== labels) this.#sets.push(labels)
    const set = this.#sets.length - 1
    const shift = this.#used - start
    let row = this.size
    for (let i = first; i < last; i++, row++) {
      stamps.next()
      this.#starts[row] = cuts.starts[i]! + shift
      this.#ends[row] = cuts.ends[i]! + shift
      this.#seconds[row] = stamps.seconds
      this.#nanos[row] = stamps.nanos
      this.#set[row] = set
    }
    this.size = row
    this.#used += end - start
    this.#ascii &&= ascii
    return end - start
  }

  /** Takes one line, the bytes in [from, to), as `add` does; without a time it gets the next of the stamps. */
  addLine(
    bytes: Buffer,
    ascii: boolean,
    [from, to]: readonly [number, number],
    line: { readonly labels: LabelSet; readonly stamps: Stamps; readonly time: Instant | undefined },
  ): void {
    const { labels, stamps, time } = line
    // Lines that come one by one are about as many as last time.
    if (this.size === 0) this.#reserve(Math.max(1, this.#lastSize), Math.max(to - from, this.#lastUsed))
    else this.#reserve(1, to - from)
    copyShort(bytes, from, to, this.#bytes, this.#used)
    if (this.#sets.at(-1) !== labels) this.#sets.push(labels)
    if (time === undefined) stamps.next()
    const row = this.size++
    this.#starts[row] = this.#used
    this.#ends[row] = this.#used += to - from
    this.#seconds[row] = (time ?? stamps).seconds
    this.#nanos[row] = (time ?? stamps).nanos
    this.#set[row] = this.#sets.length - 1
    this.#ascii &&= ascii
  }

  /** The lines so far, all of which owe `ack`. */
  take(ack: Ack): Columns {
    const columns = new Columns({
      size: this.size,
      bytes: this.#bytes,
      used: this.#used,
      ascii: this.#ascii,
      starts: this.#starts,
      ends: this.#ends,
      seconds: this.#seconds,
      nanos: this.#nanos,
      sets: this.#sets,
      set: this.#set,
      ack,
      memory: this.#memory,
    })
    this.#memory = new ColumnMemory()
    this.#lastSize = this.size
    this.#lastUsed = this.#used
    this.size = this.#used = 0
    this.#bytes = NO_BYTES
    this.#ascii = true
    this.#starts = this.#ends = this.#nanos = this.#set = NO_ROWS
    this.#seconds = NO_TIMES
    this.#sets = []
    return columns
  }

  // Mostly all comes at once, and then nothing is larger than it has to be.
  #reserve(rows: number, bytes: number): void {
    const memory = this.#memory
    if (this.#used + bytes > this.#bytes.length) {
      const larger = memory.buffer(this.#used === 0 ? bytes : 2 * (this.#used + bytes))
      this.#bytes.copy(larger, 0, 0, this.#used)
      this.#bytes = larger
    }
    if (this.size + rows <= this.#starts.length) return
    const size = this.size === 0 ? rows : 2 * (this.size + rows)
    const grown = (numbers: Int32Array): Int32Array => {
      const larger = memory.ints(size)
      larger.set(numbers.subarray(0, this.size))
      return larger
    }
    this.#starts = grown(this.#starts)
    this.#ends = grown(this.#ends)
    this.#nanos = grown(this.#nanos)
    this.#set = grown(this.#set)
    const seconds = memory.doubles(size)
    seconds.set(this.#seconds.subarray(0, this.size))
    this.#seconds = seconds
  }
}

/** From here on Node's own copy, which costs 0.2 µs for any line, is faster. */
const LONG = 128

function copyShort(bytes: Buffer, from: number, to: number, target: Buffer, at: number): void {
  if (to - from >= LONG) bytes.copy(target, at, from, to)
  else for (let i = from, k = at; i < to; i++, k++) target[k] = bytes[i]!
}

const NO_BYTES = Buffer.alloc(0)
const NO_ROWS: Int32Array = new Int32Array(0)
const NO_TIMES: Float64Array = new Float64Array(0)

function doubled(numbers: Int32Array): Int32Array {
  const larger = new Int32Array(2 * numbers.length)
  larger.set(numbers)
  return larger
}
