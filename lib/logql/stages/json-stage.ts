/** `| json` and `| unpack`: labels from JSON lines. */
import { isRequired, isRequiredPrefix } from '../syntax/hints.ts'
import { type JsonPart, type JsonProblem, type Step, unescapeJson, walkObject } from './json-scan.ts'
import type { LabelBuilder } from './label-builder.ts'
import { JSON_ERROR, labelNameOf } from '../syntax/label-names.ts'
import type { Row, Stage } from './stage.ts'

/** Objects in objects in objects; deeper ones are left out. */
const MAX_DEPTH = 100

/** The text of a value as a label shows it: U+FFFD becomes a blank, a bad escape makes it empty. */
export function jsonText(value: JsonPart): string {
  if (value.kind !== 'string') return value.text
  return (unescapeJson(value.text) ?? '').replaceAll('\ufffd', ' ')
}

function join(prefix: string, key: string): string {
  if (prefix === '') return labelNameOf(key)
  const trimmed = key.trim()
  // Only the first part of a name gets a `_` before its digit.
  return trimmed === '' ? prefix : `${prefix}_${labelNameOf(`x${trimmed}`).slice(1)}`
}

/** Called for each label that was found, with the keys that lead to it. */
export type PathListener = (name: string, path: readonly string[]) => void

interface Walk {
  readonly labels: LabelBuilder
  readonly path: string[]
  readonly onPath: PathListener | undefined
}

function visitObject(walk: Walk, text: string, prefix: string): Step | JsonProblem {
  return walkObject(text, (key, value) => visitMember(walk, prefix, key, value))
}

function visitMember(walk: Walk, prefix: string, key: string, value: JsonPart): Step | JsonProblem {
  const { labels, path } = walk
  if (value.kind === 'object') {
    const inner = join(prefix, key)
    if (path.length >= MAX_DEPTH || !isRequiredPrefix(labels.hints, inner)) return 'next'
    path.push(key)
    const step = visitObject(walk, value.text, inner)
    path.pop()
    return step
  }
  if (value.kind === 'array' || value.kind === 'null') return 'next'
  const found = join(prefix, key)
  // A name with the suffix of duplicates is required together with the one without.
  if (!isRequired(labels.hints, found)) return 'next'
  const isKept = visitValue(walk, found, key, value)
  if (labels.complete) return 'stop'
  return isKept ? 'next' : 'drop'
}

/** Returns whether the line is kept. */
function visitValue({ labels, path, onPath }: Walk, found: string, key: string, value: JsonPart): boolean {
  if (found === '') return true
  const name = labels.parsedName(found)
  if (!isRequired(labels.hints, name) || labels.isExtracted(name)) return true
  labels.set(name, jsonText(value))
  onPath?.(name, [...path, key])
  return labels.passes(name)
}

/**
 * Sets a label for every string, number and boolean of a line, nested names joined by `_`; arrays and null are left
 * out, and of equal keys the first counts. What was found before a mistake stays, beside the error. Returns whether the
 * line is kept.
 */
export function parseJsonLine({ line, labels }: Row, onPath?: PathListener): boolean {
  if (labels.hints.noLabels || labels.complete) return true
  const step = visitObject({ labels, path: [], onPath }, line, '')
  if (step === 'drop') return false
  if (step !== 'next' && step !== 'stop') labels.fail(JSON_ERROR, step)
  return true
}

export const jsonStage: Stage = {
  names: [],
  process: (row) => parseJsonLine(row),
}

const PACKED_LINE = '_entry'

function unpack(row: Row): boolean {
  const { labels } = row
  const found: [string, string][] = []
  let entry: string | undefined
  const step = walkObject(row.line, (key, value) => {
    if (value.kind !== 'string') return 'next'
    if (key === PACKED_LINE) {
      const text = unescapeJson(value.text)
      if (text === undefined) return 'Encountered an invalid escape sequence in a string'
      entry = text
      return 'next'
    }
    const name = labels.parsedName(key)
    if (isRequired(labels.hints, name) && !labels.isExtracted(name))
      found.push([labelNameOf(name), jsonText(value)])
    return 'next'
  })
  if (step !== 'next') {
    labels.fail(JSON_ERROR, step)
    return true
  }
  if (entry === undefined) return true
  row.line = entry
  for (const [name, value] of found) {
    labels.set(name, value)
    if (!labels.passes(name)) return false
  }
  return true
}

/** Undoes the pack stage: the line becomes `_entry`, the other texts become labels; without `_entry` nothing changes. */
export const unpackStage: Stage = {
  names: [],
  process(row) {
    const { line, labels } = row
    if (line === '' || labels.hints.noLabels || labels.complete) return true
    if (line.startsWith('{')) return unpack(row)
    labels.fail(JSON_ERROR, 'expecting json object(6), but it is not')
    return true
  },
}
