/**
 * The entries that a tail has yet to send. A client that reads too slowly loses entries, and is told which
 * (`dropped_entries`); what waits for it never takes more than a few megabytes.
 */
import type { LabelMap } from '../../logql/api/answers.ts'

/** An entry as the client gets it. */
export interface TailEntry {
  /** Its element of `streams`, as JSON. */
  readonly json: string
  /** Nanoseconds since 1970, as text. */
  readonly time: string
  readonly labels: LabelMap
  /** Equal for the same entry of the backlog and of what arrives while it's read; '' later. */
  readonly key: string
  /** When it may be sent, in milliseconds of the clock. */
  readonly due: number
}

/** Letters that wait; about as much again lies in the socket. */
const MOST_WAITING = 2 * 1024 * 1024
/** Letters and entries of one message, and dropped entries that it tells, which is Loki's limit. */
const MESSAGE_LETTERS = 256 * 1024
const MESSAGE_ENTRIES = 5000
const MESSAGE_DROPPED = 1000
/** More dropped entries than this aren't remembered: the client is given up. */
const MOST_DROPPED = 100_000

export class TailQueue {
  readonly #flags: readonly string[]
  #waiting: TailEntry[] = []
  #letters = 0
  #dropped: { readonly timestamp: string; readonly labels: LabelMap }[] = []

  constructor(flags: readonly string[]) {
    this.#flags = flags
  }

  /** Whether there is nothing to tell, now or later. */
  get empty(): boolean {
    return this.#waiting.length === 0 && this.#dropped.length === 0
  }

  /** So many entries were dropped that the client can't be told which. */
  get hopeless(): boolean {
    return this.#dropped.length > MOST_DROPPED
  }

  /** Whether so much waits that what is added is dropped. */
  get full(): boolean {
    return this.#letters >= MOST_WAITING
  }

  /** Adds an entry, or drops it when too much waits already. */
  add(entry: TailEntry): void {
    if (this.full) return this.drop(entry)
    this.#waiting.push(entry)
    this.#letters += entry.json.length
  }

  /** Tells the client that it doesn't get an entry. */
  drop({ time, labels }: Pick<TailEntry, 'time' | 'labels'>): void {
    if (!this.hopeless) this.#dropped.push({ timestamp: time, labels })
  }

  /** Puts entries before those that wait, however many they are, and takes the same ones out of those. */
  prepend(entries: readonly TailEntry[]): void {
    const keys = new Set(entries.map(({ key }) => key))
    this.#waiting = [...entries, ...this.#waiting.filter(({ key }) => !keys.has(key))]
    this.#letters = this.#waiting.reduce((sum, { json }) => sum + json.length, 0)
  }

  /** The next message of what is due, as JSON; `undefined` when there is none. */
  message(now: number): string | undefined {
    let count = 0
    let letters = 0
    for (const { due, json } of this.#waiting) {
      if (due > now || count >= MESSAGE_ENTRIES || (count > 0 && letters + json.length > MESSAGE_LETTERS))
        break
      count++
      letters += json.length
    }
    const dropped = this.#dropped.splice(0, MESSAGE_DROPPED)
    if (count === 0 && dropped.length === 0) return undefined
    this.#letters -= letters
    const streams = this.#waiting.splice(0, count).map(({ json }) => json)
    const parts = [`"streams":[${streams.join(',')}]`]
    if (dropped.length > 0) parts.push(`"dropped_entries":${JSON.stringify(dropped)}`)
    if (this.#flags.length > 0) parts.push(`"encodingFlags":${JSON.stringify(this.#flags)}`)
    return `{${parts.join(',')}}`
  }
}
