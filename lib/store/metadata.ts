/** Structured metadata as it is stored: names that Loki would accept, sorted, as one text that equal metadata shares. */
import { NO_METADATA, type StructuredMetadata } from '../entry.ts'
import { Lru } from '../lru.ts'
import { LEVEL_LABEL } from './levels.ts'

const PLAIN = /^[a-zA-Z][a-zA-Z0-9]*(?:_[a-zA-Z0-9]+)*$/

/**
 * A name made valid as Loki does: every run of other characters than letters and digits is one underscore, a leading
 * digit gets `key_` before it, `__x__` keeps its ends. `undefined` for a name of which nothing is left.
 */
export function normalName(name: string): string | undefined {
  if (PLAIN.test(name)) return name
  const reserved = name.length > 4 && name.startsWith('__') && name.endsWith('__')
  const inner = (reserved ? name.slice(2, -2) : name).replaceAll(/[^a-zA-Z0-9]+/gu, '_')
  if (!/[a-zA-Z0-9]/.test(inner)) return undefined
  if (reserved) return `__${inner}__`
  return /^\d/.test(inner) ? `key_${inner}` : inner
}

/** The pairs under valid names, or the first name that cannot be made valid. */
export function normalMetadata(
  metadata: StructuredMetadata,
):
  | { readonly ok: true; readonly metadata: StructuredMetadata }
  | { readonly ok: false; readonly name: string } {
  let normal = metadata
  for (const [i, [name, value]] of metadata.entries()) {
    const valid = normalName(name)
    if (valid === undefined) return { ok: false, name }
    if (valid === name) continue
    if (normal === metadata) normal = metadata.slice()
    ;(normal as [string, string][])[i] = [valid, value]
  }
  return { ok: true, metadata: normal }
}

/**
 * One text for equal metadata: `=info` for nothing but a level, which most entries have (texts of up to twelve bytes
 * are read several times faster), else a JSON list of names and values by turns, sorted by name; '' for none.
 */
export function metadataText(metadata: StructuredMetadata, level?: string): string {
  if (metadata.length === 0) return level === undefined ? '' : `=${level}`
  const pairs = new Map(metadata)
  if (level !== undefined) pairs.set(LEVEL_LABEL, level)
  const only = pairs.size === 1 ? pairs.get(LEVEL_LABEL) : undefined
  return only === undefined
    ? JSON.stringify([...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).flat())
    : `=${only}`
}

/** Reads such texts; the same few come again and again. */
export class MetadataReader {
  readonly #known = new Lru<string, StructuredMetadata>(4096)

  read(text: string): StructuredMetadata {
    if (text === '') return NO_METADATA
    let metadata = this.#known.get(text)
    if (metadata === undefined) {
      metadata = text.startsWith('=') ? [[LEVEL_LABEL, text.slice(1)]] : pairsOf(JSON.parse(text) as string[])
      this.#known.set(text, metadata)
    }
    return metadata
  }
}

function pairsOf(flat: readonly string[]): StructuredMetadata {
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!] as const] : []))
}
