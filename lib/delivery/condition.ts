/** How an endpoint is doing, for decisions and for people. */
import type { Health } from '../component/component.ts'
import type { Clock } from '../flow/clock.ts'
import { formatDuration } from '../go/duration.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Answer, AnswerKind } from './destination.ts'

/**
 * `up`; `slowed`: it works, but asks for less; `retrying`: the last attempt failed; `down`: a batch was given up. Until
 * the next success batches that can't wait are spooled.
 */
export type EndpointState = 'up' | 'slowed' | 'retrying' | 'down'

/** An endpoint that lets this pass without taking anything isn't just having a bad moment. */
const PATIENCE_MS = 5000

export class Condition {
  readonly #log: Logger
  readonly #name: string
  readonly #address: string
  readonly #clock: Clock
  /** Since when nothing has been taken, if the last attempt failed. */
  #failingSince: number | undefined
  /** When attempts began that are not over. */
  readonly #attempts = new Set<{ readonly since: number }>()
  #state: EndpointState = 'up'
  #lastError = ''

  constructor(log: Logger, clock: Clock, name: string, address: string) {
    this.#log = log
    this.#clock = clock
    this.#name = name
    this.#address = address
  }

  get state(): EndpointState {
    return this.#state
  }

  /** Since when nothing has been taken, in milliseconds of Unix time; `undefined` while entries get through. */
  get failingSince(): number | undefined {
    return this.#failingSince
  }

  get lastError(): string {
    return this.#lastError
  }

  /** The last attempt's failure with the address, if it failed. */
  get failure(): string | undefined {
    return this.#lastError === '' ? undefined : `${this.#address}: ${this.#lastError}`
  }

  /** Whether attempts fail for another reason than that they are too many. */
  get inTrouble(): boolean {
    return this.#state === 'retrying' || this.#state === 'down'
  }

  /** Whether entries get through; an endpoint that has nothing to send is well. */
  get health(): Health {
    const now = this.#clock.now()
    if (this.#failingSince !== undefined && now - this.#failingSince >= PATIENCE_MS)
      return { state: 'unhealthy', message: `${this.#address} takes nothing: ${this.#lastError}` }
    const slowest = Math.max(0, ...[...this.#attempts].map(({ since }) => now - since))
    if (slowest < PATIENCE_MS) return { state: 'healthy', message: '' }
    const time = formatDuration(Math.floor(slowest / 1000) * 1e9)
    return { state: 'unhealthy', message: `${this.#address} has not answered for ${time}` }
  }

  /** An attempt begins; call the result when it is over. */
  attempt(): () => void {
    const attempt = { since: this.#clock.now() }
    this.#attempts.add(attempt)
    return () => this.#attempts.delete(attempt)
  }

  works(): void {
    this.#failingSince = undefined
    if (this.#state === 'down') this.#log.info('the endpoint takes batches again', { endpoint: this.#name })
    this.#state = 'up'
  }

  failed({ status, reason, remedy }: Answer, kind: AnswerKind, route: string): void {
    this.#failingSince ??= this.#clock.now()
    const advised = remedy === undefined ? reason : `${reason}; ${remedy}`
    this.#lastError = status === 0 ? advised : `status ${status}: ${advised}`
    this.#log.warn('a push failed', {
      endpoint: this.#name,
      url: this.#address,
      tenant: route,
      status: status === 0 ? undefined : status,
      reason: advised,
      kind,
    })
    if (this.#state === 'down') return
    this.#state = kind === 'slow_down' ? 'slowed' : 'retrying'
  }

  /** A batch was given up. */
  down(denied: boolean): void {
    if (this.#state !== 'down')
      this.#log.error('the endpoint takes nothing: what cannot wait goes to the spool', {
        endpoint: this.#name,
        url: this.#address,
        why: denied ? 'refused' : 'no retries left',
        error: this.#lastError,
      })
    this.#state = 'down'
  }
}
