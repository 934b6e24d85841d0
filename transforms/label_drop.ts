/** `stage.label_drop`: removes labels. */
import type { EntryStage } from '../lib/component/component.ts'
import { list, required, text } from '../lib/component/fields.ts'
import { refuseEmptyList } from '../lib/component/options/pattern.ts'
import type { LabelSet } from '../lib/flow/labels.ts'
import { defineStage } from '../lib/component/stage-stream.ts'

/**
 * A label that is removed stays among the extracted values.
 *
 * @example
 * label_drop({ values: ['filename', 'pod_uid'] })
 */
export const label_drop = defineStage({
  name: 'label_drop',
  summary: 'Removes labels.',
  fields: { values: required(list(text), 'Names of the labels to remove, at least one.') },
  create: ({ values }): EntryStage => {
    refuseEmptyList('values', values)
    const change = (labels: LabelSet): LabelSet => {
      let set = labels
      for (let i = 0; i < values.length; i++) set = set.without(values[i]!)
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
