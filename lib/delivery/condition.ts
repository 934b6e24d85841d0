/** How an endpoint is doing, for decisions and for people. */
import type { Logger } from '../telemetry/log.ts'
import type { Answer, AnswerKind } from './destination.ts'

/**
 * `up`; `slowed`: it works, but asks for less; `retrying`: the last attempt failed; `down`: a batch was given up. Until
 * the next success batches that can't wait are spooled.
 */
export type EndpointState = 'up' | 'slowed' | 'retrying' | 'down'

export class Condition {
  readonly #log: Logger
  readonly #name: string
  readonly #address: string
  #state: EndpointState = 'up'
  #lastError = ''

  constructor(log: Logger, name: string, address: string) {
    this.#log = log
    this.#name = name
    this.#address = address
  }

  get state(): EndpointState {
    return this.#state
  }

  get lastError(): string {
    return this.#lastError
  }

  /** Whether attempts fail for another reason than that they are too many. */
  get inTrouble(): boolean {
    return this.#state === 'retrying' || this.#state === 'down'
  }

  works(): void {
    if (this.#state === 'down') this.#log.info('the endpoint takes batches again', { endpoint: this.#name })
    this.#state = 'up'
  }

  failed({ status, reason }: Answer, kind: AnswerKind, route: string): void {
    this.#lastError = status === 0 ? reason : `status ${status}: ${reason}`
    this.#log.warn('a push failed', {
      endpoint: this.#name,
      url: this.#address,
      tenant: route,
      status,
      reason,
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
