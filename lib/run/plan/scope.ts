/** The values that the expressions of one module see: its nodes' exports under their dotted names. */
import type { Value } from '../../alloy/value.ts'

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

  /** Forgets what stands at a path. */
  delete(path: readonly string[]): void {
    let at = this.#root
    for (const step of path.slice(0, -1)) {
      const next = at.get(step)
      if (!(next instanceof Map)) return
      at = next as Map<string, Value>
    }
    at.delete(path.at(-1)!)
  }

  /** Another tree with the same values; changes of one do not show in the other. */
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
