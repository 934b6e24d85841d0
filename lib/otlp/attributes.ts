/** Attributes by name, and those in maps inside of them by a dotted path. */
import { isMap, type OtlpPair, type OtlpValue } from './records.ts'

export type Attributes = Map<string, OtlpValue>

/** The attributes of a record or resource; of a name that comes twice, the last counts. */
export function attributesOf(pairs: readonly OtlpPair[]): Attributes {
  return new Map(pairs)
}

/** Paths with more parts are names as a whole only: a client chooses them, and each part costs a search. */
const MAX_PARTS = 32

/**
 * Returns the attribute of that name, or the one that a dotted path leads to: `http.request.method` may be `method` in
 * the map `http.request`, or in the map `request` of the map `http`. The longest names that fit are tried first.
 */
export function attributeAt(attributes: Attributes, path: string): OtlpValue | undefined {
  const whole = attributes.get(path)
  if (whole !== undefined || !path.includes('.')) return whole
  const parts = path.split('.')
  return parts.length > MAX_PARTS ? undefined : pathIn(attributes, parts)
}

// `found[n]` is what the first n parts lead to; each is made of shorter ones.
function pathIn(attributes: Attributes, parts: readonly string[]): OtlpValue | undefined {
  const found: (OtlpValue | undefined)[] = [undefined]
  for (let end = 1; end <= parts.length; end++) {
    let value = attributes.get(parts.slice(0, end).join('.'))
    for (let split = end - 1; value === undefined && split > 0; split--) {
      const outer = found[split]
      if (outer === undefined || !isMap(outer)) continue
      value = pathIn(attributesOf(outer.pairs), parts.slice(split, end))
      break
    }
    found.push(value)
  }
  return found.at(-1)
}
