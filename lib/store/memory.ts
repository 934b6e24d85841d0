/** How much memory the process may take, and what of it the database gets. */
import type { Clock } from '../flow/clock.ts'

const MIB = 1024 ** 2

/** What Node and its heap take while entries are stored and queries run. */
const NODE_BYTES = 200 * MIB
/** Of the rest; DuckDB's limit doesn't count all that it allocates. With a third, pushes of long lines fail at 512 MiB. */
const DATABASE_SHARE = 0.6
const LEAST_DATABASE = 64 * MIB
const INDEX_SHARE = 1 / 32
/** Of a container's limit, as its memory holds cached files too. */
const CONTAINER_SHARE = 0.9

/**
 * The bytes that the process may take: `max_memory`, or less where a container (its cgroup) has less. `container` is its
 * limit; 0 and numbers beyond any machine mean none.
 */
export function memoryBound(maxMemory: number, container: number = containerLimit()): number {
  return container > 0 ? Math.min(maxMemory, Math.floor(container * CONTAINER_SHARE)) : maxMemory
}

/** The part of them that DuckDB may use for its buffers; each of `sharedBy` databases gets an equal share. */
export function databaseMemory(bound: number, sharedBy: number = 1): number {
  return Math.max(LEAST_DATABASE, Math.floor(((bound - NODE_BYTES) * DATABASE_SHARE) / sharedBy))
}

/** The bytes of indexes of sealed files that each of the stores keeps: 120 of a few streams by default, or 16 of 8,000. */
export function indexMemory(bound: number, sharedBy: number = 1): number {
  return Math.floor((bound * INDEX_SHARE) / sharedBy)
}

function containerLimit(): number {
  // Since Node 20.5 as a number for every platform; `undefined` or 0 without a limit.
  return process.constrainedMemory?.() ?? 0
}

/** Bytes of the process in memory; 0 where the system can't say: it takes a file descriptor. */
function residentBytes(): number {
  try {
    return process.memoryUsage.rss()
  } catch {
    return 0
  }
}

const LOOK_MS = 100

/** Whether the process is larger than it should be; looks at most ten times a second. */
export class MemoryWatch {
  readonly #bound: number
  readonly #clock: Clock
  readonly #rss: () => number
  #lookedAt = Number.NEGATIVE_INFINITY
  #isHigh = false

  constructor(bound: number, clock: Clock, rss: () => number = residentBytes) {
    this.#bound = bound
    this.#clock = clock
    this.#rss = rss
  }

  get isHigh(): boolean {
    const now = this.#clock.now()
    if (now - this.#lookedAt >= LOOK_MS || now < this.#lookedAt) {
      this.#lookedAt = now
      this.#isHigh = this.#rss() > this.#bound
    }
    return this.#isHigh
  }
}

/** Of the bound: below it, what the allocators keep does no harm and saves asking for it again. */
const KEPT_SHARE = 1 / 2
/** To hand back 128 MiB takes 10 ms, and to look for what isn't there hardly less. */
const WORTH_BYTES = 32 * MIB

/**
 * Tells when memory that was freed should go back to the system. The allocators of DuckDB and of C keep it for seconds or
 * for good: after sealing half of the process may be that, and the next query asks for as much again.
 */
export class FreedMemory {
  readonly #from: number
  readonly #rss: () => number
  /** The smallest size since memory was handed back. */
  #least = 0

  constructor(bound: number, rss: () => number = residentBytes) {
    this.#from = bound * KEPT_SHARE
    this.#rss = rss
  }

  /** Whether the process has grown since then, and is large. */
  get isWorthwhile(): boolean {
    const rss = this.#rss()
    if (rss < this.#least) this.#least = rss
    return rss > this.#from && rss - this.#least >= WORTH_BYTES
  }

  /** To be called once memory was handed back. */
  handedBack(): void {
    this.#least = this.#rss()
  }
}
