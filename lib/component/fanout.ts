/** `forward_to`: sends batches to any number of receivers, at the speed of the slowest. */
import { Writable } from 'node:stream'
import { Batch } from '../flow/batch.ts'
import type { BatchTap } from '../flow/batch-tap.ts'
import type { Receiver } from './component.ts'
import type { Entry } from '../flow/entry.ts'
import { dropped } from '../flow/outcome.ts'

const NO_RECEIVER = dropped('no_receiver')

interface Wait {
  total: number
  /** When the wait that lasts began. */
  since: number | undefined
}

/** The receivers may change while batches flow; a batch goes to those present when it arrives. */
export class Fanout {
  readonly #tap: BatchTap | undefined
  #receivers: readonly Receiver[]
  #sent = 0
  readonly #waits = new Map<string, Wait>()

  /** `tap`: where sent batches can be watched. */
  constructor(receivers: readonly Receiver[], tap?: BatchTap) {
    this.#receivers = receivers
    this.#tap = tap
  }

  get receivers(): readonly Receiver[] {
    return this.#receivers
  }

  set receivers(receivers: readonly Receiver[]) {
    this.#receivers = receivers
  }

  /** Entries handed to each receiver so far. */
  get sent(): number {
    return this.#sent
  }

  /** Milliseconds that each receiver has kept it waiting so far: its backpressure. */
  get waitedMs(): readonly number[] {
    const now = performance.now()
    return this.#receivers.map(({ id }) => {
      const { total = 0, since } = this.#waits.get(id) ?? {}
      return Math.round(total + (since === undefined ? 0 : now - since))
    })
  }

  /** Sends a batch to every receiver; the promise, if any, resolves when all have room again. */
  send(batch: Batch): Promise<unknown> | undefined {
    const receivers = this.#receivers
    this.#tap?.show(batch)
    this.#sent += batch.size
    if (receivers.length === 1) return this.#sendTo(receivers[0]!, batch)
    if (receivers.length === 0) {
      for (const entry of batch.take()) entry.ack.settle(NO_RECEIVER)
      return undefined
    }
    return this.#sendClones(batch.take(), receivers)
  }

  #sendClones(entries: Entry[], receivers: readonly Receiver[]): Promise<unknown> | undefined {
    const branches: Entry[][] = receivers.map(() => [])
    for (const entry of entries) {
      const parts = entry.split(receivers.length)
      for (let i = 0; i < parts.length; i++) branches[i]!.push(parts[i]!)
    }
    const waits: Promise<void>[] = []
    receivers.forEach((receiver, i) => {
      const wait = this.#sendTo(receiver, new Batch(branches[i]!))
      if (wait !== undefined) waits.push(wait)
    })
    return waits.length === 0 ? undefined : Promise.all(waits)
  }

  #sendTo(receiver: Receiver, batch: Batch): Promise<void> | undefined {
    const wait = receiver.send(batch)
    if (wait === undefined) return undefined
    let of = this.#waits.get(receiver.id)
    if (of === undefined) this.#waits.set(receiver.id, (of = { total: 0, since: undefined }))
    const began = performance.now()
    of.since ??= began
    const end = (): void => {
      of.total += performance.now() - (of.since ?? began)
      of.since = undefined
    }
    wait.then(end, end)
    return wait
  }

  /** A Writable of batches in front of this fan-out. */
  writable(): Writable {
    return new Writable({
      objectMode: true,
      highWaterMark: 1,
      write: (batch: Batch, _encoding, done) => {
        const wait = this.send(batch)
        if (wait === undefined) done()
        else wait.then(() => done(), done)
      },
    })
  }
}

/** Fan-in: a receiver that any number of senders may use, in front of one Writable. */
export function receiverFor(id: string, target: () => Writable): Receiver {
  return {
    id,
    send: (batch) => {
      const writable = target()
      if (writable.write(batch.handOver())) return undefined
      return drained(writable)
    },
  }
}

/** Resolves when the Writable has room, rejects when it is gone. Any number may wait on one pair of listeners. */
const waiting = new WeakMap<Writable, Promise<void>>()

function drained(writable: Writable): Promise<void> {
  // Closed already: no event will follow.
  if (writable.destroyed) return writable.errored ? Promise.reject(writable.errored) : Promise.resolve()
  let wait = waiting.get(writable)
  if (wait === undefined) {
    wait = new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        waiting.delete(writable)
        writable.off('drain', settle)
        writable.off('close', closed)
        resolve()
      }
      const closed = (): void => {
        waiting.delete(writable)
        writable.off('drain', settle)
        if (writable.errored) reject(writable.errored)
        else resolve()
      }
      writable.on('drain', settle)
      writable.once('close', closed)
    })
    waiting.set(writable, wait)
  }
  return wait
}
