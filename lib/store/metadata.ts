/** Structured metadata as it is stored: sorted, and one string that equal metadata shares. */
import { ERROR_LABEL } from '../logql/syntax/label-names.ts'
import { NO_METADATA, type StructuredMetadata } from '../flow/entry.ts'
import { Lru } from '../lru.ts'
import { LEVEL_LABEL } from './levels.ts'
import type { LongTexts } from './long-texts.ts'

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

/** The metadata that an answer by names needs, as `byMetadata` of the querier says; `undefined` for none. */
export function ofNames(
  metadata: StructuredMetadata | undefined,
  wanted: boolean | readonly string[],
): StructuredMetadata | undefined {
  if (wanted === true || metadata === undefined) return metadata
  if (wanted === false) return undefined
  if (metadata.some(([name]) => name === ERROR_LABEL)) return metadata
  const kept = metadata.filter(([name]) => wanted.includes(name))
  return kept.length === 0 ? undefined : kept
}

const STRING = String.raw`"(?:[^"\\]|\\.)*"`

/**
 * The same as an expression of SQL on texts of the column `metadata`. Most of them are nothing but a level, and what
 * does not hold a name is not taken apart. `structured` says whether any of them may be more than a level.
 */
export function metadataSql(wanted: boolean | readonly string[], structured = true): string {
  if (wanted === true) return 'metadata'
  if (wanted === false) return "''"
  if (!structured) return wanted.includes(LEVEL_LABEL) ? 'metadata' : "''"
  // Stored metadata has no other names.
  const names = wanted.filter((name) => /^\w+$/.test(name)).sort()
  const level = names.includes(LEVEL_LABEL) ? 'metadata' : "''"
  const whole = `contains(metadata, '"${ERROR_LABEL}"')`
  const long = 'starts_with(metadata, chr(64976))'
  const start = `CASE WHEN metadata = '' THEN '' WHEN starts_with(metadata, '=') THEN ${level} WHEN ${whole} OR ${long} THEN metadata`
  if (names.length === 0) return `${start} ELSE '' END`
  const any = names.map((name) => `contains(metadata, '"${name}"')`).join(' OR ')
  // Pairs are stepped over in twos, so that no value is taken for a name.
  const pairs = names.map(
    (name) =>
      String.raw`nullif(regexp_extract(metadata, '^\[(?:${STRING},${STRING},)*?("${name}",${STRING})', 1), '')`,
  )
  return `${start} WHEN ${any} THEN '[' || concat_ws(',', ${pairs.join(', ')}) || ']' ELSE '' END`
}

/**
 * What metadata adds to the size that Loki reports: eight bytes a pair, and each name and value once in a chunk. Half of
 * the text stands for the latter where there is more than a level: names repeat, values mostly don't.
 */
const PAIRS = `((strlen(metadata) - strlen(replace(metadata, '","', ''))) // 3 + 2) // 2`
export const METADATA_BYTES = `CASE WHEN metadata = '' THEN 0 WHEN starts_with(metadata, '=') THEN 8 ELSE 4 * ${PAIRS} + greatest(strlen(metadata) - 25, 0) // 2 END`

/** SQL that holds where metadata is more than a level. */
export const IS_STRUCTURED = `metadata != '' AND NOT starts_with(metadata, '=')`

/** The same for a text. */
export function isStructured(metadata: string): boolean {
  return metadata !== '' && !metadata.startsWith('=')
}

/** Reads such texts; the same few come again and again. */
export class MetadataReader {
  readonly #known = new Lru<string, StructuredMetadata>(4096)
  readonly #long: LongTexts | undefined

  constructor(long?: LongTexts) {
    this.#long = long
  }

  read(column: string): StructuredMetadata {
    const text = this.#long?.text(column) ?? column
    if (text !== column) return pairsOf(JSON.parse(text) as string[])
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
