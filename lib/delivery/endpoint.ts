/**
 * One endpoint of `loki.write`: takes entries as fast as it may, sends them in order, and keeps on disk what cannot
 * be sent. It stalls nobody but itself, and ends every acknowledgement exactly once.
 */
import type { Ack } from '../flow/ack.ts'
import type { Entry } from '../flow/entry.ts'
import { DELIVERED, dropped, SPOOLED, type Outcome } from '../flow/outcome.ts'
import { Batcher, type SealedBatch } from '../loki/batch.ts'
import { Sender, type Delivery } from './deliver.ts'
import { Ending } from './ending.ts'
import type { DrainResult, EndpointOptions } from './endpoint-settings.ts'
import { Lane } from './lane.ts'
import type { AnswerKind, PushAnswer } from './retry.ts'
import { Replay } from './replay.ts'
import { SpoolLink } from './spool-link.ts'

export type EndpointState = 'up' | 'retrying' | 'down'

/** Milliseconds that the end still tries an endpoint that fails, so that a stop takes less than five seconds. */
const PATIENCE_IN_TROUBLE = 3000

const UNDELIVERABLE = dropped('undeliverable')
const QUEUE_IS_FULL = dropped('queue_is_full')
const RATE_LIMITED = dropped('rate_limited')

export class Endpoint {
  readonly #options: EndpointOptions
  readonly #lanes: Lane[]
  readonly #stop = new AbortController()
  readonly #link: SpoolLink | undefined
  readonly #ending: Ending
  readonly #replay: Replay | undefined
  /** Refused entries on their way to the dead letters. */
  readonly #burials = new Set<Promise<void>>()
  #state: EndpointState = 'up'
  #lastError = ''
  #closed = false
  #waiters: (() => void)[] = []
  // Node would end the process while only unreferenced timers are left.
  readonly #keepAlive = setInterval(() => {}, 2 ** 30)

  constructor(options: EndpointOptions) {
    this.#options = options
    const { clock, drainTimeout, spool, log } = options
    this.#keepAlive.unref()
    this.#ending = new Ending({
      clock,
      patience: drainTimeout,
      patienceInTrouble: spool === undefined ? drainTimeout : Math.min(drainTimeout, PATIENCE_IN_TROUBLE),
      leave: () => this.#leave(),
    })
    this.#link = spool === undefined ? undefined : new SpoolLink(spool, log)
    this.#lanes = Array.from({ length: Math.max(1, options.shards) }, () => this.#makeLane())
    const first = this.#lanes[0]!
    if (this.#link !== undefined)
      this.#replay = new Replay({
        link: this.#link,
        sender: first.sender,
        live: () => first.queue[0],
        graveyard: options.graveyard,
        backoff: options.backoff,
        clock,
        log,
        leaving: () => this.#ending.leaving,
        works: () => this.#works(),
        resume: () => this.#wake(first),
      })
  }

  /** Opens the spool and sends what an earlier process has left there. */
  async start(): Promise<void> {
    await this.#link?.open()
    this.#wake(this.#lanes[0]!)
  }

  /** Takes an entry; `ack` is this endpoint's part of what it owes. */
  add(entry: Entry, ack: Ack): void {
    this.#laneOf(entry).batcher.add(entry, ack)
  }

  /** The promise to wait for before more entries are added; `undefined` when there is room. */
  room(): Promise<void> | undefined {
    // With no disk and no time left there is nothing to wait for.
    if (this.#hasRoom() || (this.#ending.leaving && this.#link === undefined)) return undefined
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  get state(): EndpointState {
    return this.#state
  }

  get link(): SpoolLink | undefined {
    return this.#link
  }

  /** For people; holds no secrets. */
  status(): Readonly<Record<string, unknown>> {
    const { name, url, metrics } = this.#options
    return {
      name,
      url,
      state: this.#state,
      lastError: this.#lastError,
      sentEntries: metrics.sentEntries,
      queuedBatches: this.#lanes.reduce((sum, lane) => sum + lane.queue.length, 0),
      queuedBytes: this.#lanes.reduce((sum, lane) => sum + lane.bytes + lane.batcher.openBytes, 0),
      spoolEntries: this.#link?.entries ?? 0,
      spoolBytes: this.#link?.bytes ?? 0,
    }
  }

  /** From now on there are `deadlineMs` left; where nothing gets through anyway, there is nothing to wait for. */
  hurry(deadlineMs: number): void {
    this.#ending.hurry(deadlineMs, this.#state !== 'up')
  }

  /** No more entries come: sends the rest or brings it to safety, settles all acknowledgements. */
  async finish(): Promise<DrainResult> {
    for (const lane of this.#lanes) lane.batcher.flush()
    for (const lane of this.#lanes) lane.sender.nudge()
    this.#ending.begin(this.#state !== 'up')
    while (!this.#ending.leaving && this.#busy()) await this.#ending.change()
    this.#ending.end()
    await this.#settleDown()
    return await this.#save(this.#takeAll())
  }

  /**
   * Releases everything, in order or not. What is still held and cannot be read again is brought to safety; the
   * rest is not settled, so that its source reads it again.
   */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const lane of this.#lanes) lane.batcher.flush()
    this.#ending.end()
    this.#stop.abort()
    this.#letGo()
    await this.#settleDown()
    await this.#save(this.#takeAll().filter(({ replayable }) => !replayable))
    clearInterval(this.#keepAlive)
    this.#replay?.close()
    await this.#link?.close()
    await this.#options.transport.close()
  }

  #makeLane(): Lane {
    const { transport, metrics, clock, backoff, maxAttempts, random, graveyard } = this.#options
    const sender = new Sender({
      transport,
      metrics,
      clock,
      backoff,
      maxAttempts,
      random,
      stop: this.#stop.signal,
      accepted: (part) => {
        for (const ack of part.acks) ack.settle(DELIVERED)
      },
      works: () => this.#works(),
      failed: (answer, kind, tenant) => this.#failed(answer, kind, tenant),
    })
    const batcher = new Batcher(this.#options, {
      sealed: (batch) => this.#enqueue(lane, batch),
      limited: (tenant, bytes) => metrics.dropped(tenant, 'stream_limited', 1, bytes),
      unsendable: (sent, tenant, ack, reason) => {
        const burial = graveyard.bury([{ sent, tenant, ack, answer: { status: 0, reason } }]).finally(() => {
          this.#burials.delete(burial)
          this.#changed()
        })
        this.#burials.add(burial)
      },
    })
    const lane = new Lane(batcher, sender)
    return lane
  }

  #laneOf(entry: Entry): Lane {
    if (this.#lanes.length === 1) return this.#lanes[0]!
    const { key } = entry.labels
    let hash = 0
    for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0
    return this.#lanes[(hash >>> 0) % this.#lanes.length]!
  }

  #enqueue(lane: Lane, batch: SealedBatch): void {
    const { metrics, blockOnOverflow, capacity } = this.#options
    metrics.tenant(batch.tenant)
    if (!blockOnOverflow && this.#link === undefined && lane.bytes >= capacity) {
      metrics.dropped(batch.tenant, 'queue_is_full', batch.entries, batch.bytes)
      return settle(batch, QUEUE_IS_FULL)
    }
    this.#keepAlive.ref()
    lane.push(batch)
    this.#relieve(lane)
    this.#wake(lane)
  }

  #hasRoom(): boolean {
    const { capacity, blockOnOverflow } = this.#options
    if (this.#burials.size > 0) return false
    return this.#lanes.every(
      (lane) => lane.bytes < capacity || (!blockOnOverflow && lane.relieving === undefined),
    )
  }

  // The queue moves to the spool where it would stall sources that cannot wait.
  #relieve(lane: Lane): void {
    const { capacity, blockOnOverflow } = this.#options
    if (this.#link === undefined || lane.relieving !== undefined) return
    // What is being sent comes back soon and is first in order.
    if (this.#ending.leaving && lane.running !== undefined) return
    const full = lane.bytes >= capacity
    const stuck = this.#state === 'down' || (this.#state === 'retrying' && full)
    if (!stuck && !this.#ending.leaving && (blockOnOverflow || !full)) return
    const batches = lane.movable(this.#ending.leaving || (!blockOnOverflow && full))
    if (batches.length === 0) return
    lane.relieving = this.#spool(lane, batches)
      .catch((error: unknown) => this.#options.broken(error))
      .then((all) => {
        lane.relieving = undefined
        this.#changed()
        if (all === true) this.#relieve(lane)
      })
  }

  // Whether all of them had room.
  async #spool(lane: Lane, batches: readonly SealedBatch[]): Promise<boolean> {
    const taken = await this.#link!.append(batches)
    for (const batch of batches.slice(0, taken)) {
      lane.remove(batch)
      settle(batch, SPOOLED)
    }
    if (this.#options.blockOnOverflow) return taken === batches.length
    for (const batch of batches.slice(taken)) {
      lane.remove(batch)
      this.#options.metrics.dropped(batch.tenant, 'queue_is_full', batch.entries, batch.bytes)
      settle(batch, QUEUE_IS_FULL)
    }
    return true
  }

  #wake(lane: Lane): void {
    if (lane.running !== undefined || this.#stop.signal.aborted) return
    lane.running = this.#run(lane)
      .catch((error: unknown) => this.#options.broken(error))
      .then(() => {
        lane.running = undefined
        this.#changed()
        if (this.#ending.leaving) this.#relieve(lane)
      })
  }

  async #run(lane: Lane): Promise<void> {
    const first = lane === this.#lanes[0]
    while (!this.#stop.signal.aborted) {
      if (first && this.#replay?.due() === true && !this.#ending.hurried) await this.#replay.next()
      else if (lane.relieving !== undefined) await lane.relieving
      else if (lane.queue.length === 0) return
      else {
        lane.inHand = [lane.queue[0]!]
        await this.#send(lane, lane.queue[0]!).finally(() => (lane.inHand = []))
      }
      this.#changed()
    }
  }

  async #send(lane: Lane, batch: SealedBatch): Promise<void> {
    const { metrics, graveyard } = this.#options
    const delivery = await lane.sender.deliver(batch, {
      endless: this.#link === undefined,
      retryOn429: this.#options.retryOn429,
    })
    await graveyard.bury(delivery.refused)
    lane.replaceFirst(delivery.rest)
    lane.inHand = delivery.rest
    const [next] = delivery.rest
    if (next === undefined || delivery.ending === 'stopped') return
    if (delivery.ending === 'rate_limited') {
      metrics.dropped(next.tenant, 'rate_limited', next.entries, next.body.length)
      lane.remove(next)
      return settle(next, RATE_LIMITED)
    }
    await this.#giveUp(lane, delivery)
  }

  // Where Alloy would drop the batch.
  async #giveUp(lane: Lane, { rest, ending }: Delivery): Promise<void> {
    const { log, name, url, backoff } = this.#options
    const taken = await this.#link!.append(rest)
    for (const batch of rest.slice(0, taken)) {
      lane.remove(batch)
      settle(batch, SPOOLED)
    }
    if (this.#state !== 'down')
      log.error('the endpoint takes nothing: what cannot wait goes to the spool', {
        endpoint: name,
        url,
        why: ending === 'rejected' ? 'refused' : 'no retries left',
        error: this.#lastError,
      })
    this.#state = 'down'
    lane.inHand = []
    for (const each of this.#lanes) this.#relieve(each)
    // No room there either: not at once again.
    if (taken < rest.length) await lane.sender.pause(backoff.max)
  }

  #works(): void {
    if (this.#state === 'down')
      this.#options.log.info('the endpoint takes pushes again', { endpoint: this.#options.name })
    this.#state = 'up'
    this.#ending.progress()
  }

  #failed(answer: PushAnswer, kind: AnswerKind, tenant: string): void {
    const { log, name, url } = this.#options
    this.#lastError = answer.status === 0 ? answer.reason : `status ${answer.status}: ${answer.reason}`
    log.warn('a push failed', {
      endpoint: name,
      url,
      tenant,
      status: answer.status,
      reason: answer.reason,
      kind,
    })
    if (this.#state === 'up') this.#state = 'retrying'
    this.#ending.trouble()
    for (const lane of this.#lanes) this.#relieve(lane)
  }

  #busy(): boolean {
    if (this.#burials.size > 0) return true
    if (this.#lanes.some((lane) => lane.queue.length > 0 || lane.relieving !== undefined)) return true
    return this.#replay?.due() === true && !this.#ending.hurried && this.#state === 'up'
  }

  #leave(): void {
    this.#stop.abort()
    for (const lane of this.#lanes) this.#relieve(lane)
    this.#changed()
  }

  #changed(): void {
    this.#ending.changed()
    if (!this.#busy()) this.#keepAlive.unref()
    if (this.#hasRoom() || this.#ending.leaving) this.#letGo()
  }

  #takeAll(): SealedBatch[] {
    for (const lane of this.#lanes) lane.bytes = 0
    return this.#lanes.flatMap((lane) => lane.queue.splice(0))
  }

  #letGo(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }

  async #settleDown(): Promise<void> {
    // Nothing is left to be sent but a spool that nobody takes: its next try must not be waited for.
    this.#stop.abort()
    for (const lane of this.#lanes)
      while (lane.running !== undefined || lane.relieving !== undefined) {
        await lane.running
        await lane.relieving
      }
    await Promise.all(this.#burials)
  }

  async #save(rest: readonly SealedBatch[]): Promise<DrainResult> {
    const { log, name, metrics } = this.#options
    const taken = rest.length === 0 ? 0 : ((await this.#link?.append(rest, true)) ?? 0)
    let spooled = 0
    let undelivered = 0
    rest.forEach((batch, i) => {
      if (i < taken) spooled += batch.entries
      else {
        undelivered += batch.entries
        metrics.dropped(batch.tenant, 'ingester_error', batch.entries, batch.body.length)
      }
      settle(batch, i < taken ? SPOOLED : UNDELIVERABLE)
    })
    if (spooled > 0)
      log.warn('entries wait in the spool for the next start', { endpoint: name, entries: spooled })
    return { spooled, undelivered }
  }
}

function settle(batch: SealedBatch, outcome: Outcome): void {
  for (const ack of batch.acks) ack.settle(outcome)
}
