/**
 * Where lines become entries: every source hands on what it reads through here. An intake collects lines into
 * batches, stamps them, counts them in the ledger, and holds the source back while too much is unread or unsettled.
 */
import type { Readable } from 'node:stream'
import { Stamps, type Clock } from '../flow/clock.ts'
import type { Ledger } from '../flow/ledger.ts'
import { Turns } from '../flow/turns.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { MAX_LINE_BYTES } from './line-limit.ts'
import { BatchOutput } from './output.ts'
import { Partition, type PartitionOptions, type Shared } from './partition.ts'

export interface IntakeContext {
  readonly clock: Clock
  readonly ledger: Ledger
  readonly metrics: Metrics
}

/** One per component. What is added goes out when a batch is full, or before the event loop waits again. */
export class Intake {
  readonly #shared: Shared
  #scheduled = false

  /** Lines of more than `maxLineBytes` are cut into parts. */
  constructor({ clock, ledger, metrics }: IntakeContext, maxLineBytes: number = MAX_LINE_BYTES) {
    this.#shared = {
      ledger,
      output: new BatchOutput(),
      stamps: new Stamps(clock),
      turns: new Turns({ running: 1 }),
      maxLineBytes,
      cut: metrics.counter(
        'logstream_source_cut_lines_total',
        'Lines cut into parts because they were longer than max_line_size.',
      ),
      pending: new Set<{ flush(): void }>(),
      unsettled: new Set<{ settled(): Promise<void> }>(),
      schedule: () => this.#schedule(),
    }
  }

  /** The component's output. */
  get output(): Readable {
    return this.#shared.output.stream
  }

  /** A partition without a position, for what can't be read again: sockets and pipes. */
  partition(): Partition<undefined>
  /** A partition that can be read again from its position. */
  partition<P>(options: PartitionOptions<P>): Partition<P>
  partition<P>(options?: PartitionOptions<P>): Partition<P> {
    return new Partition<P>(this.#shared, options)
  }

  /** The source is stopping: waits for room end, and turns are refused from now on. */
  stop(): void {
    this.#shared.turns.close()
    this.#shared.output.release()
  }

  /** Nothing more comes: hands on the rest and ends the output. */
  end(): void {
    this.#flush()
    this.#shared.output.end()
  }

  /** Whether everything that was handed on has ended. */
  get settled(): boolean {
    return this.#shared.unsettled.size === 0 && this.#shared.pending.size === 0
  }

  /** Resolves when everything that was handed on so far has ended. */
  async whenSettled(): Promise<void> {
    this.#flush()
    await Promise.all([...this.#shared.unsettled].map((partition) => partition.settled()))
  }

  #flush(): void {
    for (const partition of this.#shared.pending) partition.flush()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }
}
