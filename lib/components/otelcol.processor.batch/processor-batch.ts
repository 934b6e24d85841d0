/** `otelcol.processor.batch`: gathers records, so that what follows gets fewer and larger batches. */
import { defineComponent, type ComponentContext, type Stage } from '../../component/component.ts'
import { duration, list, optional, text, unsigned, type OptionsOf } from '../../component/fields.ts'
import { debugMetricsField, INPUT_DOC, outputField } from '../../component/options/otelcol.ts'
import { oneStage } from '../../component/stage-stream.ts'
import { LogstreamError } from '../../errors.ts'
import { MAX_BATCH_BYTES, MAX_BATCH_ENTRIES } from '../../flow/batch.ts'
import type { Entry } from '../../flow/entry.ts'

const fields = {
  timeout: optional(
    duration,
    200,
    'How long records wait for others, at most. An OTLP client waits with them, since it is answered when they are safe.',
  ),
  send_batch_size: optional(unsigned, 2000, 'Records that are passed on without waiting; 0: all that come.'),
  send_batch_max_size: optional(
    unsigned,
    3000,
    'At least send_batch_size, or 0. A batch has at most 2,048 records and 1 MiB in any case.',
  ),
  metadata_keys: optional(list(text), [], 'Has no effect: the metadata of clients is not kept.'),
  metadata_cardinality_limit: optional(unsigned, 1000, 'Has no effect.'),
  output: outputField,
  debug_metrics: debugMetricsField,
}

type BatchArguments = OptionsOf<typeof fields>

export const otelcolProcessorBatch = defineComponent({
  name: 'otelcol.processor.batch',
  summary: 'Gathers OpenTelemetry log records into batches.',
  stability: 'generally-available',
  fields,
  exports: { input: INPUT_DOC },
  create: (options, ctx) => {
    check(options)
    const stream = oneStage('otelcol.processor.batch', new BatchStage(options, ctx), ctx)
    return { input: stream, output: stream }
  },
})

/** Holds one batch, which is never larger than any other here. */
class BatchStage implements Stage {
  readonly #options: BatchArguments
  readonly #ctx: ComponentContext
  #held: Entry[] = []
  #bytes = 0
  #since = 0

  constructor(options: BatchArguments, ctx: ComponentContext) {
    this.#options = options
    this.#ctx = ctx
  }

  run(entries: Entry[]): Entry[] {
    const bytes = entries.reduce((sum, { line }) => sum + line.length, 0)
    const fits =
      this.#held.length + entries.length <= MAX_BATCH_ENTRIES && this.#bytes + bytes <= MAX_BATCH_BYTES
    const full = fits ? [] : this.flush()
    if (this.#held.length === 0) this.#since = this.#ctx.clock.now()
    this.#held = this.#held.length === 0 ? entries : this.#held.concat(entries)
    this.#bytes += bytes
    if (full.length > 0) return full
    const { send_batch_size: enough, timeout } = this.#options
    return this.#held.length >= enough || timeout === 0 ? this.flush() : []
  }

  flush(): Entry[] {
    const held = this.#held
    this.#held = []
    this.#bytes = 0
    return held
  }

  dueAt(): number | undefined {
    return this.#held.length === 0 ? undefined : this.#since + this.#options.timeout
  }

  tick(): Entry[] {
    return this.#ctx.clock.now() < this.#since + this.#options.timeout ? [] : this.flush()
  }
}

function check({ send_batch_size: size, send_batch_max_size: most }: BatchArguments): void {
  if (most === 0 || most >= size) return
  throw new LogstreamError(
    'BAD_CONFIG',
    `send_batch_max_size must be at least send_batch_size (${size}), or 0 for no limit, found ${most}`,
    { option: 'send_batch_max_size' },
  )
}
