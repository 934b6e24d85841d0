/** Arguments that sinks with one destination share: the waits between attempts, the queue, the spool. */
import { blockWithDefaults, duration, flag, integer, optional, size } from '../component/fields.ts'

const MIB = 1024 * 1024
const GIB = 1024 * MIB

export const backoffFields = {
  min_backoff_period: optional(duration, 500, 'Wait before the first retry.'),
  max_backoff_period: optional(duration, 60_000, 'Longest wait between attempts.'),
  max_backoff_retries: optional(
    integer,
    10,
    'Number of attempts before the batch goes to the spool; 0: no limit.',
  ),
}

/** `destination`: as the docs call it, such as Kafka; `capacity`: bytes. */
export const queueBlock = (destination: string, capacity: number) =>
  blockWithDefaults(
    {
      capacity: optional(size, capacity, 'Bytes of lines that may wait to be sent, per shard.'),
      shards: optional(integer, 1, 'Streams are spread over shards, and each sends one batch at a time.'),
      drain_timeout: optional(duration, 15_000, `How long a stop waits while ${destination} takes nothing.`),
      block_on_overflow: optional(
        flag,
        true,
        'Waits when the queue is full; else the batch goes to the spool, or is dropped if that is full too.',
      ),
    },
    'The queue of batches.',
  )

export const spoolBlock = (destination: string) =>
  blockWithDefaults(
    {
      max_size: optional(size, GIB, 'Most bytes on disk for batches that wait.'),
      max_dead_letters_size: optional(
        size,
        GIB / 4,
        `Most bytes on disk for entries that ${destination} refused for good.`,
      ),
    },
    'What is kept on disk.',
  )
