/** The arguments of `loki.source.gcplog`, as Alloy has them, and which of them work here. */
import {
  block,
  blockWithDefaults,
  duration,
  flag,
  optional,
  required,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { httpServerFields } from '../../component/options/push-server.ts'
import {
  forwardField,
  labelsField,
  numberField,
  rulesField,
  timestampField,
} from '../../component/options/source.ts'
import { LogstreamError } from '../../errors.ts'

const fullLineField = optional(
  flag,
  false,
  'Whether lines are whole log entries, as JSON, even if these have a textPayload.',
)

const pushFields = {
  ...httpServerFields,
  push_timeout: optional(
    duration,
    0,
    'How long a message waits until its entry is safe; then it gets 503. 0s: server_write_timeout.',
  ),
  labels: labelsField,
  use_incoming_timestamp: timestampField,
  use_full_line: fullLineField,
}

const NOT_PULLED = 'Not supported: let the subscription push.'

const pullFields = {
  project_id: required(text, NOT_PULLED),
  subscription: required(text, NOT_PULLED),
  labels: labelsField,
  use_incoming_timestamp: timestampField,
  use_full_line: fullLineField,
  limit: blockWithDefaults(
    {
      max_outstanding_bytes: optional(text, '1GiB', NOT_PULLED),
      max_outstanding_messages: numberField(1000, NOT_PULLED),
    },
    NOT_PULLED,
  ),
}

export const gcplogFields = {
  push: block(pushFields, 'Takes what a push subscription of Pub/Sub posts.'),
  pull: block(pullFields, 'Pulls from a subscription; not supported here.'),
  forward_to: forwardField,
  relabel_rules: rulesField,
}

export type GcplogOptions = OptionsOf<typeof gcplogFields>
export type GcplogPushOptions = OptionsOf<typeof pushFields>

/** The `push` block. Throws BAD_CONFIG where there is none, or another one. */
export function pushOf({ push, pull }: GcplogOptions): GcplogPushOptions {
  if (pull !== undefined)
    throw new LogstreamError(
      'BAD_CONFIG',
      "pull: logstream doesn't pull from Pub/Sub: make it a push subscription that posts to /gcp/api/v1/push, and " +
        'replace this block by push, with the same labels',
      { option: 'pull' },
    )
  if (push === undefined) throw new LogstreamError('BAD_CONFIG', 'expected a push block, found none')
  if (push.push_timeout < 0)
    throw new LogstreamError('BAD_CONFIG', 'push_timeout: expected 0s or more', { option: 'push_timeout' })
  return push
}
