/** `stage.split_json`: a JSON array becomes one entry per element. */
import type { EntryFn } from '../lib/component/component.ts'
import { textOf } from '../lib/flow/extracted.ts'
import { optional, optionalText } from '../lib/component/fields.ts'
import { dropped } from '../lib/flow/outcome.ts'
import { refuseEmptySource } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { splitJsonArray } from '../lib/formats/json-split.ts'

/**
 * The elements keep their text: `"a"` its quotes, `null` its letters. An empty array drops the entry, anything that
 * is not an array passes unchanged. All entries have the labels, time and extracted values of the one they come from.
 *
 * @example
 * split_json({ source: 'records' })
 */
export const split_json = defineStage({
  name: 'split_json',
  summary: 'Makes one entry of each element of a JSON array.',
  fields: {
    source: optional(optionalText, undefined, 'Extracted value that holds the array; left out: the line.'),
  },
  create: ({ source }): EntryFn => {
    refuseEmptySource(source)
    const empty = dropped('split_json_empty')
    return (entry) => {
      const subject = source === undefined ? entry.line : textOf(entry.extracted.get(source))
      const lines = subject === undefined ? undefined : splitJsonArray(subject)
      if (lines === undefined) return undefined
      if (lines.length === 0) return empty
      const parts = entry.split(lines.length)
      for (let i = 0; i < lines.length; i++) parts[i]!.line = lines[i]!
      return parts
    }
  },
})
