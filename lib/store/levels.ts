/**
 * The level of a log line, which Loki adds as the structured metadata `detected_level` when its
 * `discover_log_levels` is on (the default): from labels, from structured metadata, else from the line itself.
 */
import type { StructuredMetadata } from '../flow/entry.ts'
import { parseLogfmt } from '../formats/logfmt.ts'
import { textInJson } from './json-text.ts'

/** The metadata name of the level. */
export const LEVEL_LABEL = 'detected_level'

/** Names of labels and metadata that may hold the level, in the order they're tried. */
const LEVEL_NAMES: readonly string[] = [
  ...['level', 'LEVEL', 'Level', 'log.level', 'severity', 'SEVERITY', 'Severity', 'SeverityText'],
  ...['lvl', 'LVL', 'Lvl', 'severity_text', 'Severity_Text', 'SEVERITY_TEXT'],
]
const JSON_NAMES: ReadonlySet<string> = new Set(LEVEL_NAMES)
const LOGFMT_RANKS: ReadonlyMap<string, number> = new Map(
  LEVEL_NAMES.map((name, rank) => [name.toLowerCase(), rank] as const).reverse(),
)
const LONGEST_NAME = Math.max(...LEVEL_NAMES.map(({ length }) => length))

const WORDS: ReadonlyMap<string, string> = new Map([
  ...['trace', 'trc'].map((word) => [word, 'trace'] as const),
  ...['debug', 'dbg'].map((word) => [word, 'debug'] as const),
  ...['info', 'inf', 'information'].map((word) => [word, 'info'] as const),
  ...['warn', 'wrn', 'warning'].map((word) => [word, 'warn'] as const),
  ...['error', 'err'].map((word) => [word, 'error'] as const),
  ['critical', 'critical'],
  ['fatal', 'fatal'],
])
const LONGEST_WORD = 11

const UNKNOWN = 'unknown'

/** A look-up of a name: in a label set, or in structured metadata. */
type Get = (name: string) => string | undefined

/** Returns the normalised level from the labels of a stream, if they have one. */
export function levelOfLabels(get: Get): string | undefined {
  return levelIn(get, LEVEL_NAMES)
}

function levelIn(get: Get, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = get(name)
    if (value !== undefined && value !== '') return normalLevel(value)
  }
  return undefined
}

/**
 * The level of an entry. `fromLabels` is what `levelOfLabels` gave for its stream. Known words are normalised
 * (`WARNING` is `warn`), others that a label or metadata names are kept; a line that names none is `unknown`.
 */
export function detectLevel(
  fromLabels: string | undefined,
  metadata: StructuredMetadata,
  line: string,
): string {
  if (metadata.length === 0) return fromLabels ?? levelOfLine(line)
  const get: Get = (name) => valueOf(metadata, name)
  const stated = get(LEVEL_LABEL)
  if (stated !== undefined && stated !== '') return normalLevel(stated)
  return (
    fromLabels ?? levelIn(get, LEVEL_NAMES) ?? levelOfSeverity(get('severity_number')) ?? levelOfLine(line)
  )
}

function valueOf(metadata: StructuredMetadata, name: string): string | undefined {
  for (const pair of metadata) if (pair[0] === name) return pair[1]
  return undefined
}

function normalLevel(value: string): string {
  return knownLevel(value) ?? value
}

function knownLevel(value: string): string | undefined {
  return value.length > LONGEST_WORD ? undefined : WORDS.get(value.toLowerCase())
}

// Ranges of four, as the data model of OpenTelemetry has them.
const SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

function levelOfSeverity(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : Infinity
  // As Go reads it: into 64 bits.
  if (Math.abs(number) >= 2 ** 63) return 'info'
  if (number === 0) return UNKNOWN
  return number < 0 ? 'trace' : (SEVERITIES[Math.ceil(number / 4) - 1] ?? UNKNOWN)
}

/** Returns the level in a line: from JSON, from logfmt, or the first word on its own that is a level. */
export function levelOfLine(line: string): string {
  const named = line.includes('=') || mayBeJson(line) ? structuredLevel(line) : undefined
  return named ?? firstWord(line)
}

function structuredLevel(line: string): string | undefined {
  const value = mayBeJson(line) ? textInJson(line, JSON_NAMES) : logfmtLevel(line)
  return value === undefined ? undefined : knownLevel(value)
}

function mayBeJson(line: string): boolean {
  let start = 0
  let end = line.length - 1
  while (isBlank(line.charCodeAt(start))) start++
  while (end > start && isBlank(line.charCodeAt(end))) end--
  return line.charCodeAt(start) === 0x7b && line.charCodeAt(end) === 0x7d
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}

/** The first name in the order of `LEVEL_NAMES`, in letters of any case; up to where the line is logfmt. */
function logfmtLevel(line: string): string | undefined {
  let found: string | undefined
  let best = LEVEL_NAMES.length
  parseLogfmt(line, (key, value) => {
    if (key.length > LONGEST_NAME) return
    const rank = LOGFMT_RANKS.get(key.toLowerCase())
    if (rank === undefined || rank >= best) return
    best = rank
    found = value
  })
  return found
}

/** Levels inside a line, by first letter, longer ones first. */
const STARTS: ReadonlyMap<number, readonly string[]> = new Map(
  [['trace'], ['debug'], ['fatal'], ['critical'], ['error', 'err'], ['warning', 'warn'], ['info']].map(
    (words) => [words[0]!.charCodeAt(0), words],
  ),
)

/** By character code: 1 may precede a word, 2 may follow one, 3 both. */
const EDGES = new Uint8Array(128)
for (const letter of ' \t\n[({"=') EDGES[letter.charCodeAt(0)]! |= 1
for (const letter of ' \t\n[](){}:,!"=') EDGES[letter.charCodeAt(0)]! |= 2

// Runs for every line, so only letters after an edge are looked at.
function firstWord(line: string): string {
  let edge = true
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at)
    if (edge) {
      const words = STARTS.get(code | 0x20)
      if (words !== undefined) {
        const word = wordAt(line, at, words)
        if (word !== undefined) return WORDS.get(word)!
      }
    }
    edge = code < 128 && (EDGES[code]! & 1) !== 0
  }
  return UNKNOWN
}

function wordAt(line: string, at: number, words: readonly string[]): string | undefined {
  for (const word of words) {
    const end = at + word.length
    if (end > line.length) continue
    const next = end === line.length ? 0x20 : line.charCodeAt(end)
    if (next >= 128 || (EDGES[next]! & 2) === 0) continue
    if (line.slice(at, end).toLowerCase() === word) return word
  }
  return undefined
}
