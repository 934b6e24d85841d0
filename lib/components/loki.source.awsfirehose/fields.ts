/** The arguments of `loki.source.awsfirehose`, as Alloy has them. */
import { optional, secret, type OptionsOf } from '../../component/fields.ts'
import { httpServerFields } from '../../component/options/push-server.ts'
import { forwardField, rulesField, timestampField } from '../../component/options/source.ts'

export const firehoseFields = {
  ...httpServerFields,
  access_key: optional(
    secret,
    secret.zero,
    'Access key that requests must carry in X-Amz-Firehose-Access-Key; "": any request is taken.',
  ),
  use_incoming_timestamp: timestampField,
  forward_to: forwardField,
  relabel_rules: rulesField,
}

export type FirehoseOptions = OptionsOf<typeof firehoseFields>
