/** What became of loads of the config: Alloy's metrics of them, and the last one when it failed. */
import { createHash } from 'node:crypto'
import type { Diagnostic } from '../../alloy/diagnostic.ts'
import { messageOf } from '../../errors.ts'
import type { Clock } from '../../flow/clock.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { ConfigText } from '../modules/config-text.ts'

export interface FailedLoad {
  /** Milliseconds of Unix time. */
  readonly at: number
  /** The mistakes in the config, if that is why. */
  readonly diagnostics: readonly Diagnostic[]
  /** Why, in words, where it isn't for mistakes in the config. */
  readonly message: string
}

export class Loads {
  readonly #clock: Clock
  readonly #failures: { value: number }
  #failed: FailedLoad | undefined
  #hash: string | undefined
  #succeededAt = 0

  constructor(metrics: Metrics, clock: Clock) {
    this.#clock = clock
    metrics.gauge(
      'alloy_config_last_load_successful',
      'Whether the last load of the config succeeded: it had no error and every component started.',
      () => (this.#hash !== undefined && this.#failed === undefined ? 1 : 0),
    )
    metrics.gauge(
      'alloy_config_last_load_success_timestamp_seconds',
      'Unix time of the last load of the config that succeeded.',
      () => this.#succeededAt / 1000,
    )
    metrics.collect('alloy_config_hash', 'gauge', 'Hash of the config that runs, always 1.', () =>
      this.#hash === undefined ? [] : [{ labels: { sha256: this.#hash, cluster_name: '' }, value: 1 }],
    )
    this.#failures = metrics.counter('alloy_config_load_failures_total', 'Loads of the config that failed.')
  }

  /** The last load, if it failed. */
  get failed(): FailedLoad | undefined {
    return this.#failed
  }

  /** Counts one load; returns its diagnostics and throws what it throws. */
  async count(
    load: () => Promise<{ texts: readonly ConfigText[]; diagnostics: readonly Diagnostic[] }>,
  ): Promise<readonly Diagnostic[]> {
    try {
      const { texts, diagnostics } = await load()
      if (diagnostics.some(({ severity }) => severity === 'error')) this.#fail(diagnostics, '')
      else this.#succeed(texts)
      return diagnostics
    } catch (error) {
      this.#fail([], messageOf(error))
      throw error
    }
  }

  #fail(diagnostics: readonly Diagnostic[], message: string): void {
    this.#failures.value++
    this.#failed = { at: this.#clock.now(), diagnostics, message }
  }

  #succeed(texts: readonly ConfigText[]): void {
    this.#failed = undefined
    this.#succeededAt = this.#clock.now()
    const hash = createHash('sha256')
    for (const { source } of texts) hash.update(source.text)
    this.#hash = hash.digest('hex')
  }
}
