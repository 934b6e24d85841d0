/** `stage.label_keep`: removes all labels but the named ones. */
import type { EntryStage } from '../lib/component/component.ts'
import { list, required, text } from '../lib/component/fields.ts'
import type { LabelSet } from '../lib/flow/labels.ts'
import { refuseEmptyList } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'

/**
 * Names that the entry does not have are ignored. Removed labels stay among the extracted values.
 *
 * @example
 * label_keep({ values: ['app', 'level'] })
 */
export const label_keep = defineStage({
  name: 'label_keep',
  summary: 'Removes all labels except the named ones.',
  fields: { values: required(list(text), 'Names of the labels to keep, at least one.') },
  create: ({ values }): EntryStage => {
    refuseEmptyList('values', values)
    const kept = new Set(values)
    let last: LabelSet | undefined
    let lastKept: LabelSet | undefined
    return {
      each: (entry) => {
        // Neighbours mostly have the same labels.
        if (entry.labels !== last) {
          last = entry.labels
          lastKept = keep(last, kept)
        }
        entry.labels = lastKept!
        return undefined
      },
      kernel: (columns) => columns.relabel((labels) => keep(labels, kept)),
    }
  },
})

function keep(labels: LabelSet, kept: ReadonlySet<string>): LabelSet {
  let set = labels
  for (const name of labels.names) if (!kept.has(name)) set = set.without(name)
  return set
}
