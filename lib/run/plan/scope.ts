/** The values that the expressions of one module see: its nodes' exports under their dotted names. */
import type { Value } from '../../alloy/value.ts'

/** Dotted names to values, as the nested objects that `a.b.c` walks through. */
export class NameTree {
  readonly #root = new Map<string, Value>()

  /** Puts a value at a path. Objects on the way are kept, anything else is replaced. */
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

  /** Makes sure that there is an object at a path, so that a missing name is reported as missing from it. */
  open(path: readonly string[]): void {
    let at = this.#root
    for (const step of path) {
      let next = at.get(step)
      if (!(next instanceof Map)) at.set(step, (next = new Map<string, Value>()))
      at = next as Map<string, Value>
    }
  }

  /** Removes the value at a path. */
  delete(path: readonly string[]): void {
    let at = this.#root
    for (const step of path.slice(0, -1)) {
      const next = at.get(step)
      if (!(next instanceof Map)) return
      at = next as Map<string, Value>
    }
    at.delete(path.at(-1)!)
  }

  /** Returns an independent tree with the same values. */
  clone(): NameTree {
    const copy = new NameTree()
    for (const [name, value] of this.#root) copy.#root.set(name, cloneObjects(value))
    return copy
  }

  get values(): ReadonlyMap<string, Value> {
    return this.#root
  }
}

function cloneObjects(value: Value): Value {
  if (!(value instanceof Map)) return value
  return new Map([...(value as ReadonlyMap<string, Value>)].map(([name, each]) => [name, cloneObjects(each)]))
}
