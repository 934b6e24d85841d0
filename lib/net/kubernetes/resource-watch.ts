/** Follows the objects of a resource for as long as it's wanted: through broken connections, 410 Gone and outages. */
import { messageOf } from '../../errors.ts'
import type { Clock } from '../../flow/clock.ts'
import type { Logger } from '../../telemetry/log.ts'
import { ApiError, type KubernetesApi } from './api.ts'
import type { KubernetesObject } from './objects.ts'
import { isLater, list, versionOf, watch, type Resource, type WatchEvent } from './watch.ts'

/** Told of everything in order; a promise holds up what follows. */
export interface WatchHandlers<T> {
  /** Some of all the objects there are in a list of that version. A list that failed begins anew. */
  page(items: readonly T[], first: boolean, version: string): Promise<void> | void
  /** All pages have been handed over. */
  listed(version: string): Promise<void> | void
  changed(event: WatchEvent<T>): Promise<void> | void
  /** A request failed. */
  failed?(): void
}

export interface WatchOptions<T> {
  readonly api: KubernetesApi
  readonly resource: Resource
  readonly clock: Clock
  readonly log: Logger
  readonly handlers: WatchHandlers<T>
  /** What changed up to this version is known from an earlier run. Left out: everything is listed first. */
  readonly version?: string | undefined
}

const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 30_000
/** A watch that held for this long doesn't count as one that failed. */
const HELD_MS = 10_000

export class ResourceWatch<T extends KubernetesObject> {
  /** Why nothing is heard of the resource, '' when something is. */
  problem = ''
  readonly #options: WatchOptions<T>
  readonly #stopped = new AbortController()
  readonly #tried: Promise<void>
  #hasTried!: () => void
  #running: Promise<void> | undefined
  /** What changed up to here is known; `undefined`: list first. */
  #version: string | undefined
  /**
   * Whether the cluster may have been set back to a backup since: it doesn't know `#version` then, and a watch from there
   * fails with 504, or waits in silence until the cluster has come that far again.
   */
  #doubted: boolean
  /** Rounds since a watch has held. */
  #failures = 0

  constructor(options: WatchOptions<T>) {
    this.#options = options
    this.#version = options.version
    this.#doubted = options.version !== undefined
    this.#tried = new Promise((resolve) => (this.#hasTried = resolve))
  }

  /** Begins to follow. Resolves when the first list has come or failed. */
  start(): Promise<void> {
    this.#running ??= this.#run(this.#stopped.signal)
    return this.#tried
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#doubted) await this.#verify(signal)
        if (this.#version === undefined) await this.#list(signal)
        await this.#watch(signal)
      } catch (error) {
        if (!signal.aborted) this.#failed(error)
      }
      this.#hasTried()
      await this.#pause(signal)
    }
    this.#hasTried()
  }

  async #verify(signal: AbortSignal): Promise<void> {
    const { api, resource, log } = this.#options
    if (this.#version !== undefined) {
      const version = await versionOf(api, resource, signal)
      if (isLater(this.#version, version) === true) {
        log.warn('the cluster has been set back, everything is listed again', {
          path: resource.path,
          known: this.#version,
          found: version,
        })
        this.#version = undefined
      }
    }
    this.#doubted = false
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { api, resource, handlers } = this.#options
    let first = true
    for await (const { items, version, last } of list<T>(api, resource, signal)) {
      await handlers.page(items, first, version)
      first = false
      if (!last) continue
      await handlers.listed(version)
      this.#version = version
    }
    this.#works()
    this.#hasTried()
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { api, resource, clock, handlers } = this.#options
    let since = Infinity
    const opened = (): void => {
      since = clock.now()
      this.#works()
      this.#hasTried()
    }
    try {
      for await (const event of watch<T>(api, resource, this.#version!, clock, signal, opened)) {
        await handlers.changed(event)
        this.#version = event.object.metadata.resourceVersion ?? this.#version
      }
    } finally {
      if (clock.now() - since >= HELD_MS) this.#failures = 0
    }
  }

  #failed(error: unknown): void {
    const { log, resource, handlers } = this.#options
    const fields = { path: resource.path, error: messageOf(error) }
    if (error instanceof ApiError && error.isGone) {
      this.#version = undefined
      return log.debug('the Kubernetes API has forgotten what changed, everything is listed again', fields)
    }
    this.#doubted = true
    // A watch that breaks is resumed; only a request that fails is a problem.
    if (!(error instanceof ApiError)) return log.debug('a watch has broken off', fields)
    handlers.failed?.()
    if (this.problem === '') log.error('the Kubernetes API cannot be read, the last state is kept', fields)
    this.problem = messageOf(error)
  }

  #works(): void {
    if (this.problem !== '')
      this.#options.log.info('the Kubernetes API can be read again', { path: this.#options.resource.path })
    this.problem = ''
  }

  // Half at random, so that all watches of all agents don't come back at once.
  async #pause(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++)
    await new Promise<void>((resolve) => {
      const done = (): void => {
        timer.cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = this.#options.clock.after(wait * (0.5 + Math.random() / 2), done)
      signal.addEventListener('abort', done)
    })
  }
}
