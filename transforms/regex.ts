/** `stage.regex`: named groups of the first match become extracted values (and labels, if asked). */
import type { EntryFn, EntryStage, Kernel } from '../lib/component/component.ts'
import { LogstreamError } from '../lib/errors.ts'
import { subjectOf } from '../lib/flow/entry.ts'
import { shapeOf, type Shape } from '../lib/flow/extracted.ts'
import { ValueReader } from '../lib/flow/value-reader.ts'
import type { Regexp } from '../lib/go/regexp/regexp.ts'
import { flag, optional, optionalText, required, text } from '../lib/component/fields.ts'
import { patternOption, refuseEmptySource } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'

/**
 * Entries that do not match pass unchanged. A group that took no part is extracted as "". Go RE2 syntax, not anchored.
 *
 * @example
 * regex({ expression: '^(?P<level>\\w+) (?P<message>.*)$' })
 */
export const regex = defineStage({
  name: 'regex',
  summary:
    'Extracts the named groups of a regular expression (RE2) from the line or from an extracted value.',
  fields: {
    expression: required(text, 'RE2 expression, not anchored; its named groups are extracted.'),
    source: optional(optionalText, undefined, 'Extracted value to match; left out: the line.'),
    labels_from_groups: optional(flag, false, 'Also sets a label for every named group.'),
  },
  explain: {
    pattern: ({ expression, source }) => ({ expression, source }),
    misfit: ({ expression, source }) => {
      const pattern = patternOption('expression', expression)
      return (entry) => {
        const subject = subjectOf(entry, source)
        return subject === undefined ? undefined : pattern.test(subject) || 'does not match'
      }
    },
  },
  create: ({ expression, source, labels_from_groups }): EntryFn | EntryStage => {
    if (expression === '')
      throw new LogstreamError('BAD_REGEX', 'expected a regular expression, found ""', {
        option: 'expression',
      })
    refuseEmptySource(source)
    const pattern = patternOption('expression', expression)
    const shape = shapeOf(pattern.names)
    const each: EntryFn = (entry) => {
      const subject = subjectOf(entry, source)
      if (subject === undefined) return undefined
      const values = pattern.captureNamed(subject)
      if (values === null) return undefined
      entry.extracted.setRow(shape, values)
      if (labels_from_groups)
        for (let i = 0; i < values.length; i++) entry.labels = entry.labels.with(shape.names[i]!, values[i]!)
      return undefined
    }
    return labels_from_groups ? each : { each, kernel: kernelOf(pattern, shape, source) }
  },
})

function kernelOf(pattern: Regexp, shape: Shape, source: string | undefined): Kernel {
  const overBytes = pattern.namedOverBytes()
  const reader = source === undefined ? undefined : new ValueReader(source)
  return (columns) => {
    const { rows, count, bytes, starts, ends } = columns
    reader?.begin(columns)
    const cells = columns.addCells(shape)
    const { spans, width, filled } = cells
    const matched = reader === undefined ? overBytes?.rows.run(columns, spans, width) : undefined
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      if (matched?.[i] === 1) {
        filled[row] = 1
        continue
      }
      if (overBytes !== undefined && (reader === undefined || reader.inBytes(row))) {
        const from = reader === undefined ? starts[row]! : reader.from
        const to = reader === undefined ? ends[row]! : reader.to
        if (matched === undefined && overBytes.program.exec(bytes, from, to, spans, row * width)) {
          filled[row] = 1
          continue
        }
        if (!overBytes.mayMatch(bytes, from, to)) continue
      }
      const subject = reader === undefined ? columns.line(row) : reader.text(row)
      const values = subject === undefined ? null : pattern.captureNamed(subject)
      if (values !== null) cells.fill(row, values)
    }
  }
}
