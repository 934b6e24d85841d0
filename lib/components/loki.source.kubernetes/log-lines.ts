/**
 * Cuts the log of a container as the API returns it with `timestamps=true`: `RFC 3339 time, blank, text, line feed`
 * (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod).
 */
import { parseRfc3339, type Instant } from '../../go/rfc3339.ts'

export interface PodLogLine {
  /** `undefined`: the line doesn't begin with a time, and all of it is text; a message of the kubelet, for one. */
  readonly time: Instant | undefined
  /** The text lies in [from, to) of `bytes`, without its line end. */
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  /** Bytes cut off because the line was longer than the limit. */
  readonly cut: number
}

const FEED = 0x0a
const RETURN = 0x0d
const SPACE = 0x20
/** `2006-01-02T15:04:05.000000000+01:00` */
const MAX_STAMP_BYTES = 35

export class PodLogLines {
  readonly #limit: number
  /** A line that is still coming in. */
  #held: Buffer[] = []
  #size = 0
  #cut = 0

  /** Lines longer than `limit` bytes, with their time, are cut off and say so. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Yields the lines that this chunk completes. */
  *push(chunk: Buffer): Generator<PodLogLine> {
    let from = 0
    for (let at = chunk.indexOf(FEED); at >= 0; at = chunk.indexOf(FEED, from)) {
      const part = chunk.subarray(from, at)
      from = at + 1
      if (this.#size === 0 && part.length <= this.#limit) {
        yield lineIn(part, 0)
        continue
      }
      this.#hold(part)
      yield this.#whole()
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from))
  }

  /** Returns what is left without a line feed, if anything. */
  end(): PodLogLine | undefined {
    return this.#size === 0 ? undefined : this.#whole()
  }

  #hold(part: Buffer): void {
    const kept = part.subarray(0, Math.max(0, this.#limit - this.#size))
    this.#cut += part.length - kept.length
    if (kept.length > 0) this.#held.push(kept)
    this.#size += kept.length
  }

  #whole(): PodLogLine {
    const line = lineIn(this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held), this.#cut)
    this.#held = []
    this.#size = this.#cut = 0
    return line
  }
}

function lineIn(bytes: Buffer, cut: number): PodLogLine {
  const to = bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length
  const blank = bytes.subarray(0, MAX_STAMP_BYTES + 1).indexOf(SPACE)
  const time = blank < 0 ? undefined : parseRfc3339(bytes.toString('latin1', 0, blank))
  return { time, bytes, from: time === undefined ? 0 : blank + 1, to, cut }
}
