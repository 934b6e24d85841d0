/** The objects of one resource as they are now. */
import { createHash } from 'node:crypto'
import type { Clock } from '../../flow/clock.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { KubernetesApi } from './api.ts'
import { keyOf, type KubernetesObject } from './objects.ts'
import { ResourceWatch } from './resource-watch.ts'
import type { Resource, WatchEvent } from './watch.ts'

export type Change = 'add' | 'update' | 'delete'

export interface CacheOptions<T> {
  readonly api: KubernetesApi
  readonly resource: Resource
  readonly clock: Clock
  readonly log: Logger
  /** What is used of an object; the rest isn't kept in memory, and its changes aren't told. */
  readonly keep: (object: T) => T
  readonly onChange: (change: Change, key: string) => void
  readonly failed: () => void
}

interface Kept<T> {
  readonly object: T
  /** Of its JSON text, which would double the memory. */
  readonly hash: string
}

export class ObjectCache<T extends KubernetesObject> {
  readonly #options: CacheOptions<T>
  readonly #watch: ResourceWatch<T>
  readonly #kept = new Map<string, Kept<T>>()
  /** What the list that is coming in has named so far. */
  #listing = new Set<string>()
  #synced = false

  constructor(options: CacheOptions<T>) {
    this.#options = options
    this.#watch = new ResourceWatch<T>({
      ...options,
      handlers: {
        page: (items, first) => this.#page(items, first),
        listed: () => this.#listed(),
        changed: (event) => this.#changed(event),
        failed: options.failed,
      },
    })
  }

  /** Whether everything has been listed once. */
  get synced(): boolean {
    return this.#synced
  }

  get problem(): string {
    return this.#watch.problem
  }

  get size(): number {
    return this.#kept.size
  }

  /** By `namespace/name`, or `name` for what has no namespace. */
  get(key: string): T | undefined {
    return this.#kept.get(key)?.object
  }

  /** In the order of their keys. */
  keys(): string[] {
    return [...this.#kept.keys()].sort()
  }

  /** Resolves when the first list has come or failed. */
  start(): Promise<void> {
    return this.#watch.start()
  }

  stop(): Promise<void> {
    return this.#watch.stop()
  }

  #page(items: readonly T[], first: boolean): void {
    if (first) this.#listing = new Set()
    for (const item of items) this.#listing.add(this.#put(item))
  }

  #listed(): void {
    for (const key of this.#kept.keys()) if (!this.#listing.has(key)) this.#delete(key)
    this.#listing = new Set()
    this.#synced = true
  }

  #changed({ type, object }: WatchEvent<T>): void {
    if (type === 'DELETED') this.#delete(keyOf(object.metadata))
    else if (type !== 'BOOKMARK') this.#put(object)
  }

  #put(object: T): string {
    const key = keyOf(object.metadata)
    const before = this.#kept.get(key)
    const kept = this.#options.keep(object)
    const hash = createHash('sha1').update(JSON.stringify(kept)).digest('base64')
    if (hash === before?.hash) return key
    this.#kept.set(key, { object: kept, hash })
    this.#options.onChange(before === undefined ? 'add' : 'update', key)
    return key
  }

  #delete(key: string): void {
    if (this.#kept.delete(key)) this.#options.onChange('delete', key)
  }
}
