/**
 * How far a container's log was read, in a form from which it can be read on without a line twice or missing.
 *
 * Docker and Kubernetes only offer "since that time", and a time alone doesn't name a line: two lines can share a nanosecond,
 * and stdout and stderr get their times apart, so that the log isn't quite in order. But its order on disk never changes. So
 * a cursor is an anchor time some way back, and how many lines from there on were read. Anchors are whole seconds, as the
 * API server of Kubernetes passes on nothing finer.
 */
import type { Cursor } from '../disk/cursors.ts'
import type { Instant } from '../go/rfc3339.ts'

// A type, not an interface: only the former are JSON to TypeScript.
export type SinceCursor = {
  /** Seconds and perhaps nanoseconds, as Docker's `since` takes them: `1795887821.679799839`. */
  readonly since: string
  /** Lines not older than `since` that were read, in the log's order. */
  readonly lines: number
  /** The latest time among those lines: a log that was cut by rotation has fewer of them than `lines`. */
  readonly last: string
}

/** How far two lines that follow each other may be apart the wrong way round. */
const DISORDER_SECONDS = 1
const MANY = 1024

const START: SinceCursor = { since: '0', lines: 0, last: '0' }

export class SincePosition {
  readonly #from: SinceCursor
  #anchor: Instant
  #last: Instant
  /** The times of the lines read since the anchor. */
  #read: Instant[] = []
  #tidyAt = MANY
  #skipping: boolean
  #gap = false

  /** Reads on from a cursor, or from the log's beginning. */
  constructor(from: SinceCursor = START) {
    this.#from = from
    this.#anchor = instantOf(from.since)
    this.#last = instantOf(from.last)
    this.#skipping = from.lines > 0
  }

  /** The value of `since` to ask for. */
  get since(): string {
    return this.#from.since
  }

  /** Takes a line of the log, in order. Returns whether it is new. */
  next({ seconds, nanos }: Instant): boolean {
    const time = { seconds, nanos }
    if (this.#skipping && this.#read.length === 0) this.#gap = before(this.#last, time)
    if (this.#skipping && (this.#read.length >= this.#from.lines || before(this.#last, time)))
      this.#skipping = false
    this.#read.push(time)
    if (this.#skipping) return false
    if (before(this.#last, time)) this.#last = time
    if (this.#read.length >= this.#tidyAt) this.#moveAnchor()
    return true
  }

  /** Whether the log no longer holds any of the lines that were read: others may have gone with them, unread. */
  get gap(): boolean {
    return this.#gap
  }

  /** Where to read on after the last line that was taken. */
  get cursor(): SinceCursor {
    if (this.#skipping) return this.#from
    return { since: textOf(this.#anchor), lines: this.#read.length, last: textOf(this.#last) }
  }

  #moveAnchor(): void {
    const anchor = { seconds: this.#last.seconds - DISORDER_SECONDS, nanos: 0 }
    if (before(this.#anchor, anchor)) {
      this.#anchor = anchor
      this.#read = this.#read.filter((time) => !before(time, anchor))
    }
    this.#tidyAt = Math.max(MANY, this.#read.length * 2)
  }
}

function before(a: Instant, b: Instant): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos)
}

function textOf({ seconds, nanos }: Instant): string {
  return nanos === 0 ? String(seconds) : `${seconds}.${String(nanos).padStart(9, '0')}`
}

function instantOf(text: string): Instant {
  const [seconds, nanos = ''] = text.split('.')
  return { seconds: Number(seconds), nanos: Number(nanos.padEnd(9, '0').slice(0, 9)) }
}

export function isSinceCursor(stored: Cursor): stored is SinceCursor {
  const { since, lines, last } = (stored ?? {}) as Partial<Record<keyof SinceCursor, Cursor>>
  const isTime = (value: unknown): boolean => typeof value === 'string' && /^-?\d+(?:\.\d{1,9})?$/.test(value)
  return isTime(since) && isTime(last) && Number.isSafeInteger(lines)
}
