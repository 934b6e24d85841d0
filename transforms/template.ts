/** `stage.template`: a Go template makes an extracted value. */
import type { EntryFn } from '../lib/component/component.ts'
import { textOf } from '../lib/flow/extracted.ts'
import { required, text } from '../lib/component/fields.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
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
  create: ({ source, template: body }, ctx): EntryFn => {
    if (source === '') throw badOption('source', 'source is empty: name the value that the template sets')
    const compiled = templateOption('template', body, ctx)
    const data = new ExtractedData()
    return (entry) => {
      const { extracted } = entry
      const result = render(compiled, data.of(extracted, textOf(extracted.get(source)), entry.line))
      if (result === '') extracted.delete(source)
      else if (result !== undefined) extracted.set(source, result)
      return undefined
    }
  },
})
