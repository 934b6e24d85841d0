/** The arguments of `loki.source.api`, as Alloy has them. */
import { block, blockWithDefaults, optional, size, type OptionsOf } from '../../component/fields.ts'
import { gracefulShutdownField, grpcFields, httpFields } from '../../component/options/push-server.ts'
import { forwardField, labelsField, rulesField, timestampField } from '../../component/options/source.ts'

export const apiFields = {
  http: blockWithDefaults(httpFields, 'The HTTP server.'),
  grpc: block(grpcFields, 'Takes pushes over gRPC too (logproto.Pusher/Push); left out: HTTP only.'),
  graceful_shutdown_timeout: gracefulShutdownField,
  forward_to: forwardField,
  labels: labelsField,
  relabel_rules: rulesField,
  use_incoming_timestamp: timestampField,
  max_send_message_size: optional(
    size,
    100 * 1024 * 1024,
    'Largest push, packed or unpacked. More than 16MiB is never taken.',
  ),
}

export type ApiOptions = OptionsOf<typeof apiFields>
