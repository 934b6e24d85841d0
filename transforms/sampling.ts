/** `stage.sampling`: keeps a random share of the entries. */
import type { EntryFn } from '../lib/component/component.ts'
import { float, optional, required, text } from '../lib/component/fields.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { dropCounter } from '../lib/component/stage.ts'

/**
 * Each entry is kept or dropped on its own.
 *
 * @example
 * sampling({ rate: 0.1 })
 */
export const sampling = defineStage({
  name: 'sampling',
  summary: 'Keeps a random share of the entries.',
  fields: {
    rate: required(float, 'Share of the entries that is kept, 0 to 1.'),
    drop_counter_reason: optional(text, 'sampling_stage', 'Reason under which drops are counted.'),
  },
  create: ({ rate, drop_counter_reason }, ctx): EntryFn => {
    if (!(rate >= 0 && rate <= 1))
      throw badOption('rate', `rate is the share that is kept: expected 0 to 1, found ${rate}`)
    const drop = dropCounter(ctx, drop_counter_reason)
    // The series exists before the first drop, so that a rate over it sees that drop too.
    ctx.metrics
      .counters(
        'loki_process_dropped_lines_total',
        'A count of all log lines dropped as a result of a pipeline stage',
        'reason',
      )
      .add(drop_counter_reason, 0)
    return () => (Math.random() < rate ? undefined : drop())
  },
})
