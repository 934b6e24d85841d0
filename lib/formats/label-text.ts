/** Label sets as text, `{a="b", c="d"}`, as in Loki's push API and in positions files. */

import { quote, unescape, unquote } from '../go/strconv/quote.ts'
import { wellFormed } from '../go/strings/bytes.ts'
import { validLegacyLabelName } from '../telemetry/classic-names.ts'

export type LabelPair = readonly [name: string, value: string]

const loneSurrogate = /\p{Cs}/u

/** Prometheus' UTF-8 scheme: any non-empty valid UTF-8 string is a label name. */
export function validLabelName(name: string): boolean {
  return name !== '' && (validLegacyLabelName(name) || !loneSurrogate.test(name))
}

/** The text of pairs that are sorted by name; values are quoted as in Go; no pairs make `{}`. */
export function formatLabels(pairs: readonly LabelPair[]): string {
  let text = '{'
  for (const [name, value] of pairs) {
    if (text.length > 1) text += ', '
    text += `${name}=${quote(value)}`
  }
  return `${text}}`
}

interface Cursor {
  text: string
  at: number
}

const blank = /(?:[ \t\r\n]|#[^\n]*)*/y
const bareName = /[a-zA-Z_][a-zA-Z0-9_]*/y
const metricName = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const quotedText = /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'|`[^`]*`/y

function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at
  const match = pattern.exec(cursor.text)
  if (match === null) return undefined
  cursor.at = pattern.lastIndex
  return match[0]
}

/** Skips blanks and comments, then the mark if it is next. */
function takeMark(cursor: Cursor, mark: string): boolean {
  take(cursor, blank)
  if (cursor.text[cursor.at] !== mark) return false
  cursor.at++
  return true
}

function takeQuoted(cursor: Cursor): string | undefined {
  take(cursor, blank)
  const quoted = take(cursor, quotedText)
  if (quoted === undefined) return undefined
  // Unlike Go, Prometheus takes strings in single quotes.
  const text = quoted.startsWith("'") ? unescape(quoted.slice(1, -1), "'") : unquote(quoted)
  return text === undefined ? undefined : wellFormed(text)
}

/** One pair; a quoted text alone is the metric's name. */
// pair = ( name | quoted ) "=" quoted | quoted
function takePair(cursor: Cursor): LabelPair | undefined {
  take(cursor, blank)
  const bare = take(cursor, bareName)
  const name = bare ?? takeQuoted(cursor)
  if (name === undefined || name === '') return undefined
  if (!takeMark(cursor, '=')) return bare === undefined ? ['__name__', name] : undefined
  const value = takeQuoted(cursor)
  return value === undefined ? undefined : [name, value]
}

/**
 * Returns the pairs of a label set's text, sorted by name, or undefined when it's malformed. The language is Prometheus'
 * metric notation: values in double quotes, single quotes or backticks, names bare or quoted, an optional trailing comma,
 * a metric name in front (stored as `__name__`). Empty values and repeated names are kept.
 */
// labels = [ metric ] "{" [ pair { "," pair } [ "," ] ] "}"
export function parseLabels(text: string): LabelPair[] | undefined {
  const cursor = { text, at: 0 }
  const pairs: LabelPair[] = []
  take(cursor, blank)
  const metric = take(cursor, metricName)
  if (metric !== undefined) pairs.push(['__name__', metric])
  if (!takeMark(cursor, '{')) return undefined
  while (!takeMark(cursor, '}')) {
    const pair = takePair(cursor)
    if (pair === undefined) return undefined
    pairs.push(pair)
    if (takeMark(cursor, ',')) continue
    if (!takeMark(cursor, '}')) return undefined
    break
  }
  take(cursor, blank)
  if (cursor.at !== text.length) return undefined
  return pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}
