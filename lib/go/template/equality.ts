/** Go's reflect.DeepEqual, as a string that two values share if and only if they are equal. */
import { spend } from './limits.ts'
import { type Value, mapEntries, sortedKeys, typeName } from './value.ts'

function describe(value: Value): string {
  spend(1)
  if (value === undefined || value === null) return 'nil'
  if (typeof value === 'string') return `s${value.length}:${value}`
  if (typeof value !== 'object') return `${typeof value}:${value}`
  switch (value.tag) {
    case 'list':
      if (value.isNil) return `nil[]${value.elem}`
      return `[]${value.elem}${value.items.length}(${value.items.map((item) => describe(item)).join()})`
    case 'map': {
      const entries = mapEntries(value)
      const parts = sortedKeys(value).map((key) => `s${key.length}:${key}=${describe(entries.get(key))}`)
      return `${value.isNil ? 'nil' : ''}map${value.elem}${parts.length}(${parts.join()})`
    }
    case 'int':
      return `${value.type}:${value.value}`
    case 'object':
    default:
      return `${typeName(value)}:${value.text()}`
  }
}

/** The text; NaN, which equals nothing, has one that nothing else shares. */
export function identity(value: Value): string {
  return Number.isNaN(value) ? `nan${Math.random()}` : describe(value)
}

export function deepEqual(a: Value, b: Value): boolean {
  return identity(a) === identity(b)
}
