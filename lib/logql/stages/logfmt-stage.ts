/** `| logfmt` and `| logfmt name="key"`: labels from lines such as `level=info msg="all fine"`. */
import type { Extraction } from '../syntax/ast.ts'
import { LogqlError } from '../syntax/error.ts'
import { isRequired } from '../syntax/hints.ts'
import { ERROR_LABEL, LOGFMT_ERROR, labelNameOf } from '../syntax/label-names.ts'
import { LogfmtReader } from './logfmt-scan.ts'
import type { Row, Stage } from './stage.ts'

const reader = new LogfmtReader()

/** Options of the stage. */
export interface LogfmtFlags {
  /** A mistake is an error and ends parsing. */
  readonly strict: boolean
  /** Bare keys and empty values make labels too. */
  readonly keepEmpty: boolean
}

function cleaned(value: string): string {
  return value.includes('\ufffd') ? value.replaceAll('\ufffd', ' ') : value
}

/** Sets a label for each pair; the first of equal keys wins. Returns whether the line is kept. */
export function parseLogfmtLine({ line, labels }: Row, flags: LogfmtFlags): boolean {
  if (labels.hints.noLabels || labels.complete) return true
  reader.start(line)
  while (!reader.done) {
    if (!reader.read()) {
      if (flags.strict) break
      continue
    }
    const found = labelNameOf(reader.key)
    if (found === '') continue
    const name = labels.parsedName(found)
    if (!isRequired(labels.hints, name) || labels.isExtracted(name)) continue
    if (reader.value === '' && !flags.keepEmpty) continue
    labels.set(name, cleaned(reader.value))
    if (!labels.passes(name)) return false
    if (labels.complete) break
  }
  if (!flags.strict || reader.problem === undefined) return true
  labels.fail(LOGFMT_ERROR, reader.problem)
  return labels.passes(ERROR_LABEL)
}

export function logfmtStage(flags: LogfmtFlags): Stage {
  return {
    names: [],
    process: (row) => parseLogfmtLine(row, flags),
  }
}

function keyOf({ expression }: Extraction, offset: number | undefined): string {
  const match = /^\s*(?:([a-zA-Z_][a-zA-Z0-9_]*)|"([^"\]]*)"?)\s*$/.exec(expression)
  if (match === null) {
    const message = `cannot parse expression [${expression}]: expected the key of a pair`
    throw new LogqlError(message, offset === undefined ? {} : { offset })
  }
  return match[1] ?? match[2] ?? ''
}

/** Label names by the keys that they are read from; a key with such a name that nothing else reads is one too, as in Loki. */
type Targets = ReadonlyMap<string, string>

function extract({ line, labels }: Row, targets: Targets, names: ReadonlySet<string>, strict: boolean): void {
  for (const name of names) if (!labels.isTaken(name)) labels.set(name, '')
  reader.start(line)
  while (!reader.done) {
    if (!reader.read()) {
      if (strict) break
      continue
    }
    const key = labelNameOf(reader.key)
    const name = targets.get(key) ?? (names.has(key) ? key : undefined)
    if (name === undefined) continue
    const taken = labels.isTaken(name)
    const parsed = labels.parsedName(name)
    if (taken && (labels.isExtracted(parsed) || !isRequired(labels.hints, parsed))) break
    labels.set(parsed, reader.value.includes('\ufffd') ? '' : reader.value)
    if (labels.complete) break
  }
  if (strict && reader.problem !== undefined) labels.fail(LOGFMT_ERROR, reader.problem)
}

/**
 * A label for each name, empty if the line doesn't have the key.
 *
 * @throws {LogqlError} for an expression that isn't a key
 */
export function logfmtPickStage(extractions: readonly Extraction[], strict: boolean, offset?: number): Stage {
  const targets = new Map(extractions.map((extraction) => [keyOf(extraction, offset), extraction.name]))
  const names = new Set(extractions.map(({ name }) => name))
  return {
    names: [],
    process(row) {
      const { labels } = row
      if (!labels.hints.noLabels && !labels.complete) extract(row, targets, names, strict)
      return true
    },
  }
}
