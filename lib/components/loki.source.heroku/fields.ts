/** The arguments of `loki.source.heroku`, as Alloy has them. */
import type { OptionsOf } from '../../component/fields.ts'
import { httpServerFields } from '../../component/options/push-server.ts'
import { forwardField, labelsField, rulesField, timestampField } from '../../component/options/source.ts'

export const herokuFields = {
  ...httpServerFields,
  labels: labelsField,
  use_incoming_timestamp: timestampField,
  forward_to: forwardField,
  relabel_rules: rulesField,
}

export type HerokuOptions = OptionsOf<typeof herokuFields>
