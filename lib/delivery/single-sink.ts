/** A sink with one destination that isn't Loki's: what its arguments, its metrics and its place on disk have in common. */
import { createHash } from 'node:crypto'
import type { Component, ComponentContext } from '../component/component.ts'
import type { OptionsOf } from '../component/fields.ts'
import type { Destination } from './destination.ts'
import type { backoffFields, queueBlock, spoolBlock } from './sink-fields.ts'
import { SinkMetrics } from './sink-metrics.ts'
import { sinkComponent } from './sink.ts'

interface SingleSink {
  /** Of its metrics and its folder, such as kafka. */
  readonly kind: string
  /** As the docs call the destination. */
  readonly called: string
  /** In logs and metrics. */
  readonly name: string
  /** Where it is, without credentials. */
  readonly title: string
  readonly destination: Destination
}

type SinkArguments = OptionsOf<
  typeof backoffFields & {
    readonly queue_config: ReturnType<typeof queueBlock>
    readonly spool: ReturnType<typeof spoolBlock>
  }
>

export function singleSink(
  { kind, called, name, title, destination }: SingleSink,
  { queue_config: queue, spool, ...backoff }: SinkArguments,
  ctx: ComponentContext,
): Component {
  const metrics = ctx.metrics.with({})
  return sinkComponent(
    {
      endpoints: [
        {
          settings: {
            name,
            url: title,
            backoff: { min: backoff.min_backoff_period, max: backoff.max_backoff_period },
            maxAttempts: backoff.max_backoff_retries,
            retrySlowDown: true,
            shards: queue.shards,
            capacity: queue.capacity,
            blockOnOverflow: queue.block_on_overflow,
            drainTimeoutMs: queue.drain_timeout,
          },
          destination,
          metrics: new SinkMetrics(metrics, kind, called),
          owner: {
            key: `${kind}-${createHash('sha256').update(title).digest('hex').slice(0, 12)}`,
            endpoint: '0',
            title,
          },
        },
      ],
      maxSpoolBytes: spool.max_size,
      maxDeadLettersBytes: spool.max_dead_letters_size,
      random: Math.random,
    },
    { ...ctx, metrics },
  )
}
