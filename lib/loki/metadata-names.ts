/** Names of structured metadata, which Loki turns into valid label names. */
import type { StructuredMetadata } from '../flow/entry.ts'

const PLAIN = /^[a-zA-Z][a-zA-Z0-9]*(?:_[a-zA-Z0-9]+)*$/

/**
 * Returns a valid name, made as Loki makes it: each run of characters that aren't letters or digits becomes one
 * underscore, a leading digit gets `key_` in front, `__x__` keeps its ends. `undefined` when nothing is left.
 */
export function normalName(name: string): string | undefined {
  if (PLAIN.test(name)) return name
  const reserved = name.length > 4 && name.startsWith('__') && name.endsWith('__')
  const inner = (reserved ? name.slice(2, -2) : name).replaceAll(/[^a-zA-Z0-9]+/gu, '_')
  if (!/[a-zA-Z0-9]/.test(inner)) return undefined
  if (reserved) return `__${inner}__`
  return /^\d/.test(inner) ? `key_${inner}` : inner
}

/** Returns the pairs that have a value, under valid names, or the first name that can't be made valid. */
export function normalMetadata(
  metadata: StructuredMetadata,
):
  | { readonly ok: true; readonly metadata: StructuredMetadata }
  | { readonly ok: false; readonly name: string } {
  let changed = false
  for (const [name, value] of metadata) {
    const valid = normalName(name)
    if (valid === undefined) return { ok: false, name }
    changed ||= valid !== name || value === ''
  }
  if (!changed) return { ok: true, metadata }
  const full = metadata.filter(([, value]) => value !== '')
  return { ok: true, metadata: full.map(([name, value]) => [normalName(name)!, value]) }
}
