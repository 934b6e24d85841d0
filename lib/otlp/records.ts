/** OpenTelemetry's logs as they were decoded, whichever encoding they came in. */
import { marshalSorted } from '../go/json/writer.ts'
import type { Read } from '../loki/malformed.ts'

/** A value of OTLP: integers are bigints, doubles numbers, maps `OtlpMap`s. */
export type OtlpValue =
  | null
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | readonly OtlpValue[]
  | OtlpMap

export interface OtlpMap {
  readonly pairs: readonly OtlpPair[]
}

export type OtlpPair = readonly [name: string, value: OtlpValue]

export interface OtlpRecord {
  /** Nanoseconds; 0n: not set. */
  readonly time: bigint
  readonly observed: bigint
  readonly severityNumber: number
  readonly severityText: string
  readonly body: OtlpValue
  readonly attributes: readonly OtlpPair[]
  readonly droppedAttributes: number
  readonly flags: number
  /** Hexadecimal; '': not set. */
  readonly traceId: string
  readonly spanId: string
  readonly eventName: string
}

export interface OtlpScope {
  readonly name: string
  readonly version: string
  readonly attributes: readonly OtlpPair[]
  readonly droppedAttributes: number
  readonly records: readonly OtlpRecord[]
}

export interface OtlpResource {
  readonly attributes: readonly OtlpPair[]
  readonly scopes: readonly OtlpScope[]
}

/** An id in hexadecimal as records have it: one of zeros counts as missing. */
export function idOf(hex: string): string {
  return /^0*$/.test(hex) ? '' : hex
}

/** Records of one export; each takes some 300 bytes beyond its text, so that empty ones must not fill memory. */
export const MAX_RECORDS = 200_000

export type DecodedOtlp = Read<{ readonly resources: OtlpResource[] }>

/** Whether a value is a map, whose pairs keep their order. */
export function isMap(value: OtlpValue): value is OtlpMap {
  return typeof value === 'object' && value !== null && 'pairs' in value
}

/**
 * The text of a value: bytes as base64, maps and lists as JSON. `<`, `>` and `&` in JSON are escaped for Loki's own
 * OTLP endpoint; the collector no longer does that.
 */
export function textOf(value: OtlpValue, dialect: 'standard' | 'standard without html' = 'standard'): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return marshalSorted(plainValue(value), dialect)!
}

/** The value as JSON has it: bytes as base64, maps as objects without a prototype, numbers that JSON hasn't as texts. */
export function plainValue(value: OtlpValue): unknown {
  // Go's JSON of an empty slice of bytes.
  if (value instanceof Uint8Array) return value.length === 0 ? null : Buffer.from(value).toString('base64')
  if (isMap(value)) return plainPairs(value.pairs)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return Array.isArray(value) ? (value as readonly OtlpValue[]).map(plainValue) : value
}

export function plainPairs(pairs: Iterable<OtlpPair>): Record<string, unknown> {
  const object = Object.create(null) as Record<string, unknown>
  for (const [name, value] of pairs) object[name] = plainValue(value)
  return object
}
