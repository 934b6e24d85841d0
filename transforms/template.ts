/** `stage.template`: a Go template makes an extracted value. */
import type { EntryStage } from '../lib/component/component.ts'
import { shapeOf, textOf } from '../lib/flow/extracted.ts'
import { RowValues } from '../lib/flow/row-values.ts'
import { required, text } from '../lib/component/fields.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { ByteTemplate } from '../lib/component/options/byte-template.ts'
import { ExtractedData, render, templateOption } from '../lib/component/options/template.ts'

/**
 * The template sees the extracted values as texts, the source's one also as `.Value`, and the line as `.Entry`. A
 * missing value prints `<no value>`. An empty result deletes the source; where the template fails, it stays.
 *
 * @example
 * template({ source: 'level', template: '{{ ToUpper .Value }}' })
 */
export const template = defineStage({
  name: 'template',
  summary: 'Sets an extracted value to the result of a Go template.',
  fields: {
    source: required(text, 'Extracted value to set; it need not be there yet.'),
    template: required(text, 'Go template, with the functions of sprig and some of Alloy.'),
  },
  create: ({ source, template: body }, ctx): EntryStage => {
    if (source === '') throw badOption('source', 'source is empty: name the value that the template sets')
    const compiled = templateOption('template', body, ctx)
    const data = new ExtractedData()
    const shape = shapeOf([source])
    const values = new RowValues()
    const byBytes = ByteTemplate.of(compiled, source)
    return {
      each: (entry) => {
        const { extracted } = entry
        const result = render(compiled, data.of(extracted, textOf(extracted.get(source)), entry))
        if (result === '') extracted.delete(source)
        else if (result !== undefined) extracted.set(source, result)
        return undefined
      },
      kernel: (columns) => {
        const { rows, count } = columns
        const cells = columns.newCells(shape)
        values.begin(columns)
        byBytes?.begin(columns)
        for (let i = 0; i < count; i++) {
          const row = (values.row = rows[i]!)
          const from = columns.end
          if (byBytes?.append(row) === true) {
            if (columns.end === from) cells.delete(row, 0)
            else cells.setSpan(row, 0, from, columns.end)
            cells.filled[row] = 1
            continue
          }
          const result = render(compiled, data.of(values, textOf(values.get(source)), values))
          if (result === undefined) continue
          if (result === '') cells.delete(row, 0)
          else cells.set(row, 0, result)
          cells.filled[row] = 1
        }
        columns.addLayer(cells)
      },
    }
  },
})
