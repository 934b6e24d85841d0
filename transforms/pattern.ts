/** `stage.pattern`: the captures of a Loki pattern become extracted values (and labels, if asked). */
import type { EntryFn } from '../lib/component/component.ts'
import { subjectOf } from '../lib/flow/entry.ts'
import { shapeOf, type Shape } from '../lib/flow/extracted.ts'
import { flag, optional, optionalText, required, text } from '../lib/component/fields.ts'
import { badOption, refuseEmptySource } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { compilePattern } from '../lib/formats/pattern.ts'

/**
 * A pattern that begins with a text must match from the start. A literal that is missing further on is not a mismatch:
 * the capture before it takes the rest of the line, and the captures after it are left out.
 *
 * @example
 * pattern({ pattern: '<ip> - <_> [<_>] "<method> <path> <_>" <status> <_>' })
 */
export const pattern = defineStage({
  name: 'pattern',
  summary: 'Extracts the captures of a Loki pattern from the line or an extracted value.',
  fields: {
    pattern: required(text, 'Pattern such as "<level>: <message>", with at least one named capture.'),
    source: optional(optionalText, undefined, 'Extracted value to match; left out: the line.'),
    labels_from_groups: optional(flag, false, 'Also sets a label for every capture.'),
  },
  explain: {
    misfit: ({ pattern: text, source }) => {
      const compiled = compilePattern(text)
      return (entry) => {
        const subject = subjectOf(entry, source)
        return subject === undefined
          ? undefined
          : Boolean(compiled.captures(subject)?.length) || 'does not match'
      }
    },
  },
  create: (options): EntryFn => {
    const { source, labels_from_groups } = options
    if (options.pattern === '')
      throw badOption('pattern', 'pattern is empty: write one such as "<level>: <message>"')
    refuseEmptySource(source)
    const compiled = compilePattern(options.pattern)
    const shapes: Shape[] = [...Array(compiled.names.length + 1).keys()].map((count) =>
      shapeOf(compiled.names.slice(0, count)),
    )
    return (entry) => {
      const subject = subjectOf(entry, source)
      if (subject === undefined) return undefined
      const values = compiled.captures(subject)
      if (values === undefined || values.length === 0) return undefined
      const shape = shapes[values.length]!
      entry.extracted.setRow(shape, values)
      if (labels_from_groups)
        for (let i = 0; i < values.length; i++) entry.labels = entry.labels.with(shape.names[i]!, values[i]!)
      return undefined
    }
  },
})
