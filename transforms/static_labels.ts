/** `stage.static_labels`: labels with fixed values. */
import type { EntryStage } from '../lib/component/component.ts'
import { LogstreamError } from '../lib/errors.ts'
import { map, nullable, required, text } from '../lib/component/fields.ts'
import type { LabelSet } from '../lib/flow/labels.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { hasLoneSurrogate } from '../lib/go/strings/bytes.ts'
import { validLabelName } from '../lib/formats/label-text.ts'

/**
 * An empty value is ignored, as in Alloy: this stage cannot clear a label. The labels do not show up among the
 * extracted values.
 *
 * @example
 * static_labels({ values: { parse_status: 'failed' } })
 */
export const static_labels = defineStage({
  name: 'static_labels',
  summary: 'Sets labels to fixed values.',
  fields: { values: required(nullable(map(text)), 'Label name to value; empty values are ignored.') },
  create: ({ values }): EntryStage => {
    if (values === undefined)
      throw new LogstreamError('BAD_ARGUMENT', 'expected a map of label names, found null', {
        option: 'values',
      })
    const bad = [...values.keys()].find((name) => !validLabelName(name))
    if (bad !== undefined)
      throw new LogstreamError('BAD_ARGUMENT', `"${bad}" is not a valid label name`, { option: 'values' })
    const [notText] = [...values].find(([, value]) => hasLoneSurrogate(value)) ?? []
    if (notText !== undefined)
      throw new LogstreamError('BAD_ARGUMENT', `the value of label "${notText}" is not valid UTF-8`, {
        option: 'values',
      })
    const pairs = [...values].filter(([, value]) => value !== '')
    const change = (labels: LabelSet): LabelSet => {
      let set = labels
      for (let i = 0; i < pairs.length; i++) set = set.with(pairs[i]![0], pairs[i]![1])
      return set
    }
    return {
      each: (entry) => {
        entry.labels = change(entry.labels)
        return undefined
      },
      kernel: (columns) => columns.relabel(change),
    }
  },
})
