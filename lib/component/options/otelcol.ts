/** Arguments that otelcol components share. */
import { ValueError, type Value } from '../../alloy/value.ts'
import { CONSUMER, type Receiver } from '../component.ts'
import { blockWithDefaults, capsule, flag, list, optional, text, type FieldType } from '../fields.ts'

const consumers: FieldType<readonly Receiver[]> = list(capsule<Receiver>(CONSUMER))

// An empty list says nothing, and is allowed.
const otherSignal: FieldType<readonly Receiver[]> = {
  ...consumers,
  decode: (value: Value) => {
    if (consumers.decode(value).length === 0) return []
    throw new ValueError(
      'logstream only handles logs: remove this, or start with --logs-only, which leaves it out',
    )
  },
}

const NOT_LOGS = 'Must be empty: logstream only handles logs. `--logs-only` leaves it out.'

/** Where records go. */
export const outputField = {
  ...blockWithDefaults(
    {
      logs: optional(consumers, [], 'Receivers of the log records.'),
      metrics: optional(otherSignal, [], NOT_LOGS),
      traces: optional(otherSignal, [], NOT_LOGS),
    },
    'Where records go.',
  ),
  required: true as const,
}

/** `input`, for a component that takes records. */
export const INPUT_DOC = 'Takes log records.'

export const debugMetricsField = blockWithDefaults(
  {
    disable_high_cardinality_metrics: optional(flag, true, 'Has no effect: there are no such metrics.'),
    level: optional(text, 'detailed', 'Has no effect.', ['none', 'basic', 'normal', 'detailed']),
  },
  'Metrics of the collector, which logstream does not have.',
)
