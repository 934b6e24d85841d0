/** `stage.tenant`: sets the tenant under which Loki stores the entry. */
import type { EntryFn } from '../lib/component/component.ts'
import { LogstreamError } from '../lib/errors.ts'
import { textOf } from '../lib/flow/extracted.ts'
import { optional, text } from '../lib/component/fields.ts'
import { defineStage } from '../lib/component/stage-stream.ts'

/** The label in which the tenant travels to `loki.write`, which sends it as a header. */
const TENANT_LABEL = '__tenant_id__'

/**
 * Exactly one option is needed. An empty or missing value leaves an older tenant in place.
 *
 * @example
 * tenant({ label: 'team' })
 */
export const tenant = defineStage({
  name: 'tenant',
  summary: 'Sets the tenant of the entry from a label, an extracted value or a fixed text.',
  fields: {
    label: optional(text, '', 'Label that holds the tenant.'),
    source: optional(text, '', 'Extracted value that holds the tenant.'),
    value: optional(text, '', 'The tenant itself.'),
  },
  create: ({ label, source, value }): EntryFn => {
    const given = [label, source, value].filter((each) => each !== '').length
    if (given !== 1)
      throw new LogstreamError(
        'BAD_ARGUMENT',
        `expected exactly one of label, source and value, found ${given}`,
      )
    return (entry) => {
      const id =
        value !== '' ? value : source !== '' ? textOf(entry.extracted.get(source)) : entry.labels.get(label)
      if (id !== undefined && id !== '') entry.labels = entry.labels.with(TENANT_LABEL, id)
      return undefined
    }
  },
})
