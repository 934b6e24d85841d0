/** `loki.source.cloudflare`: the request logs of a zone, pulled from Cloudflare's Logpull API. */
import type { Readable } from 'node:stream'
import {
  defineComponent,
  type Component,
  type ComponentContext,
  type Health,
} from '../../component/component.ts'
import { healthOf } from '../../component/health.ts'
import type { Cursor } from '../../disk/cursors.ts'
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import { ReplayableIntake } from '../../intake/replayable.ts'
import { Logpull } from '../../net/cloudflare/logpull.ts'
import { fieldsOf } from './field-sets.ts'
import { checkOptions, cloudflareFields, MAX_REQUEST_MS, type CloudflareOptions } from './fields.ts'
import { Puller, type PullerOptions } from './puller.ts'

/** Positions move when the logs of a window are delivered. */
export const lokiSourceCloudflare = defineComponent({
  name: 'loki.source.cloudflare',
  summary: "Pulls the request logs of a zone from Cloudflare's Logpull API, without losing any.",
  fields: cloudflareFields,
  stability: 'generally-available',
  exports: {},
  advise: (options) =>
    options.pull_range > MAX_REQUEST_MS * Math.max(1, options.workers)
      ? [
          {
            options,
            option: 'pull_range',
            message: 'Cloudflare takes requests for an hour at most: shorten pull_range, or use more workers',
          },
        ]
      : [],
  create: (options, ctx) => new CloudflareSource(options, ctx),
})

class CloudflareSource implements Component<CloudflareOptions> {
  readonly #options: CloudflareOptions
  readonly #ctx: ComponentContext
  readonly #intake: ReplayableIntake
  readonly #logpull: Logpull
  readonly #fields: readonly string[]
  readonly #counted: PullerOptions['counted']
  #puller: Puller | undefined
  #stopped = false

  constructor(options: CloudflareOptions, ctx: ComponentContext) {
    checkOptions(options)
    this.#options = options
    this.#ctx = ctx
    this.#intake = new ReplayableIntake(ctx)
    this.#fields = fieldsOf(options.fields_type, options.additional_fields)
    this.#logpull = new Logpull({
      apiUrl: options.api_url,
      zone: options.zone_id,
      token: options.api_token.text,
      fields: this.#fields,
      connections: options.workers,
      now: () => ctx.clock.now(),
    })
    this.#counted = {
      entries: ctx.metrics.counter(
        'loki_source_cloudflare_target_entries_total',
        'Total number of successful entries sent via the cloudflare target.',
      ),
      lastEnd: ctx.metrics.gauge(
        'loki_source_cloudflare_target_last_requested_end_timestamp',
        'The last cloudflare request end timestamp fetched. This allows to calculate how far the target is behind.',
      ),
    }
  }

  get output(): Readable {
    return this.#intake.output
  }

  async start(): Promise<void> {
    await this.#intake.load()
    const { zone_id: zone, workers, pull_range: range } = this.#options
    const { clock, log } = this.#ctx
    this.#puller = new Puller({
      logpull: this.#logpull,
      partition: this.#intake.partition(zone, isPosition),
      labels: labelsOf(this.#options, this.#ctx.id),
      workers,
      rangeMs: Math.round(range),
      counted: this.#counted,
      clock,
      log,
    })
    this.#puller.start()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#intake.stop()
    await this.#puller?.stop()
    this.#intake.end()
  }

  async close(): Promise<void> {
    if (!this.#stopped) await this.stop()
    await this.#intake.close()
    await this.#logpull.close()
  }

  health(): Health {
    return healthOf(this.#puller?.problem ?? '')
  }

  /** As Alloy shows it. */
  status(): unknown {
    const puller = this.#puller
    const timeText = (ms: number | undefined): string => (ms === undefined ? '' : new Date(ms).toISOString())
    return {
      ready: puller !== undefined && !this.#stopped,
      target_info: {
        zone_id: this.#options.zone_id,
        error: puller?.problem ?? '',
        position: timeText(puller?.position),
        last_timestamp: timeText(puller?.from),
        fields: this.#fields.join(','),
      },
    }
  }
}

// Loki refuses entries without labels.
function labelsOf({ labels }: CloudflareOptions, id: string): LabelSet {
  return labelSet(labels === undefined || labels.size === 0 ? [['job', id]] : labels)
}

function isPosition(stored: Cursor): stored is number {
  return Number.isSafeInteger(stored)
}
