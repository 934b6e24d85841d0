/** `stage.output`: an extracted value becomes the line. */
import type { EntryStage } from '../lib/component/component.ts'
import { textOf } from '../lib/flow/extracted.ts'
import { ValueReader } from '../lib/flow/value-reader.ts'
import { required, text } from '../lib/component/fields.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'

/**
 * A missing or nil value leaves the line as it is; an empty text is a line.
 *
 * @example
 * output({ source: 'message' })
 */
export const output = defineStage({
  name: 'output',
  summary: 'Sets the line to an extracted value.',
  fields: { source: required(text, 'Name of the extracted value.') },
  create: ({ source }): EntryStage => {
    if (source === '') throw badOption('source', 'source is empty: name the value that becomes the line')
    const reader = new ValueReader(source)
    return {
      each: (entry) => {
        const value = textOf(entry.extracted.get(source))
        if (value !== undefined) entry.line = value
        return undefined
      },
      kernel: (columns) => {
        const { rows, count, starts, ends } = columns
        reader.begin(columns)
        for (let i = 0; i < count; i++) {
          const row = rows[i]!
          if (reader.inBytes(row)) {
            starts[row] = reader.from
            ends[row] = reader.to
            continue
          }
          const value = reader.text(row)
          if (value !== undefined) columns.setLine(row, value)
        }
      },
    }
  },
})
