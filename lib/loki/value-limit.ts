/** Bounds on how many values a push may hold: a few bytes each, they would take a hundred times that once decoded. */
import { Malformed } from './malformed.ts'

/** Objects, lists and messages of one push: more would take some hundred megabytes, however short they are written. */
const MAX_VALUES = 4_000_000

/** Counts the values of a push while it is decoded. `add` throws `Malformed` for one too many. */
export class ValueCount {
  #values = 0

  add(): void {
    if (++this.#values > MAX_VALUES) throw tooMany()
  }
}

/** Throws `Malformed` for a JSON text with too many values, before they are made. */
export function limitJsonValues(text: string): void {
  // Each value takes a character at least.
  if (text.length > MAX_VALUES && valuesOf(text) > MAX_VALUES) throw tooMany()
}

function tooMany(): Malformed {
  return new Malformed(`expected at most ${MAX_VALUES} values in a push`)
}

// How many values there are, roughly: each but the first follows a comma, a brace or a bracket.
function valuesOf(text: string): number {
  let count = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) quoted = !quoted
    else if (quoted) {
      if (code === 0x5c) at++
    } else if (code === 0x7b || code === 0x5b || code === 0x2c) count++
  }
  return count
}
