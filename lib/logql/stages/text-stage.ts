/** `| regexp` and `| pattern`: labels from captures. */
import { LogstreamError } from '../../errors.ts'
import { type Pattern, compilePattern } from '../../formats/pattern.ts'
import { LogqlError } from '../syntax/error.ts'
import { type Hints, isRequired } from '../syntax/hints.ts'
import type { LabelBuilder } from './label-builder.ts'
import { isLabelName, labelNameOf } from '../syntax/label-names.ts'
import { compileAnywhere } from './selector.ts'
import type { Stage } from './stage.ts'

/** Returns whether the line is kept. */
function setCapture(labels: LabelBuilder, found: string, value: string): boolean {
  const name = labels.parsedName(found)
  if (!isRequired(labels.hints, name) || labels.isExtracted(name)) return true
  labels.set(name, value)
  return labels.passes(name)
}

function refuse(message: string, offset: number | undefined, cause?: unknown): LogqlError {
  return new LogqlError(message, { ...(offset === undefined ? {} : { offset }), cause })
}

/**
 * A label for each named group; a line that does not match stays as it is, and a group that took no part is empty.
 *
 * @throws {LogqlError} for a bad expression, one without named groups, and a name used twice
 */
export function regexpStage(pattern: string, offset?: number): Stage {
  const regexp = compileAnywhere(pattern, offset)
  const names = regexp.groupNames.filter((name) => name !== undefined && name !== '')
  if (names.length === 0)
    throw refuse(
      'invalid regexp parser: at least one named capture must be supplied, such as (?P<level>...)',
      offset,
    )
  if (names.length !== regexp.names.length) {
    const twice = names.find((name, i) => names.indexOf(name) < i)
    throw refuse(`invalid regexp parser: duplicate extracted label name '${twice}'`, offset)
  }
  if (!names.every((name) => isLabelName(name ?? '')))
    throw refuse('invalid regexp parser: a group name is not a valid label name', offset)
  const found = regexp.names.map(labelNameOf)
  return {
    names: [],
    process({ line, labels }) {
      const values = regexp.captureNamed(line)
      return values === null || found.every((name, i) => setCapture(labels, name, values[i]!))
    },
  }
}

function compileOrRefuse(pattern: string, offset: number | undefined): Pattern {
  try {
    return compilePattern(pattern)
  } catch (cause) {
    if (!(cause instanceof LogstreamError)) throw cause
    throw refuse(`invalid pattern parser: ${cause.message}`, offset, cause)
  }
}

/** @throws {LogqlError} for a pattern without named captures, with two side by side, and with one name twice */
export function patternStage(pattern: string, offset?: number): Stage {
  const compiled = compileOrRefuse(pattern, offset)
  const { names } = compiled
  let wantedBy: Hints | undefined
  let wanted: readonly boolean[] = []
  return {
    names: [],
    process({ line, labels }) {
      const { hints } = labels
      if (hints.noLabels || labels.complete) return true
      // A name with the suffix of duplicates is required together with the one without.
      if (hints !== wantedBy) {
        wanted = names.map((name) => isRequired(hints, name))
        wantedBy = hints
      }
      const values = compiled.captures(line, wanted)
      if (values === undefined) return true
      for (let i = 0; i < values.length; i++)
        if (wanted[i] && !setCapture(labels, names[i]!, values[i]!)) return false
      return true
    },
  }
}
