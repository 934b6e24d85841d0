/** The values that the expressions of one module see: its nodes' exports under their dotted names. */
import type { Value } from '../alloy/value.ts'

/** Dotted names to values, as the nested objects that `a.b.c` walks through. */
export class NameTree {
  readonly #root = new Map<string, Value>()

  /** Puts a value at a path; what is there already on the way must be an object and is kept. */
  set(path: readonly string[], value: Value): void {
    let at = this.#root
    for (const step of path.slice(0, -1)) {
      const next = at.get(step)
      if (next instanceof Map) at = next as Map<string, Value>
      else {
        const made = new Map<string, Value>()
        at.set(step, made)
        at = made
      }
    }
    at.set(path.at(-1)!, value)
  }

  /** Makes sure that an object stands at a path, so that a name that it lacks is missed there. */
  open(path: readonly string[]): void {
    let at = this.#root
    for (const step of path) {
      let next = at.get(step)
      if (!(next instanceof Map)) at.set(step, (next = new Map<string, Value>()))
      at = next as Map<string, Value>
    }
  }

  get values(): ReadonlyMap<string, Value> {
    return this.#root
  }
}
