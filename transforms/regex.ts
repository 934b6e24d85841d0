/** `stage.regex`: named groups of the first match become extracted values (and labels, if asked). */
import type { EntryFn } from '../lib/component/component.ts'
import { LogstreamError } from '../lib/errors.ts'
import { shapeOf, textOf } from '../lib/flow/extracted.ts'
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
  explain: { pattern: ({ expression, source }) => ({ expression, source }) },
  create: ({ expression, source, labels_from_groups }): EntryFn => {
    if (expression === '')
      throw new LogstreamError('BAD_REGEX', 'expected a regular expression, found ""', {
        option: 'expression',
      })
    refuseEmptySource(source)
    const pattern = patternOption('expression', expression)
    const shape = shapeOf(pattern.names)
    return (entry) => {
      const subject = source === undefined ? entry.line : textOf(entry.extracted.get(source))
      if (subject === undefined) return undefined
      const values = pattern.captureNamed(subject)
      if (values === null) return undefined
      entry.extracted.setRow(shape, values)
      if (labels_from_groups)
        for (let i = 0; i < values.length; i++) entry.labels = entry.labels.with(shape.names[i]!, values[i]!)
      return undefined
    }
  },
})
