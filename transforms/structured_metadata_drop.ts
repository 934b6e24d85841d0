/** `stage.structured_metadata_drop`: removes structured metadata. */
import type { EntryFn } from '../lib/component/component.ts'
import { list, required, text } from '../lib/component/fields.ts'
import { refuseEmptyList } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'

/**
 * @example
 * structured_metadata_drop({ values: ['trace_id'] })
 */
export const structured_metadata_drop = defineStage({
  name: 'structured_metadata_drop',
  summary: 'Removes structured metadata.',
  fields: { values: required(list(text), 'Names to remove, at least one.') },
  create: ({ values }): EntryFn => {
    refuseEmptyList('values', values)
    const names = new Set(values)
    return (entry) => {
      if (entry.structuredMetadata.some(([name]) => names.has(name)))
        entry.structuredMetadata = entry.structuredMetadata.filter(([name]) => !names.has(name))
      return undefined
    }
  },
})
