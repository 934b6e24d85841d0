/**
 * One endpoint of a sink: takes entries as fast as it may, sends them in order, and keeps on disk what cannot be sent.
 * It stalls nothing but itself, and settles every acknowledgement exactly once.
 */
import type { Ack } from '../flow/ack.ts'
import { entriesOf } from '../flow/batch.ts'
import type { Clock } from '../flow/clock.ts'
import type { Columns } from '../flow/columns.ts'
import type { Entry } from '../flow/entry.ts'
import { keepAlive } from '../flow/keep-alive.ts'
import type { Ledger } from '../flow/ledger.ts'
import { DELIVERED, dropped, lost, SPOOLED, type Outcome } from '../flow/outcome.ts'
import { Signal } from '../flow/signal.ts'
import type { Logger } from '../telemetry/log.ts'
import { Condition } from './condition.ts'
import { Deadline } from './deadline.ts'
import type { DeadLetterFiler } from './dead-letter-filer.ts'
import type { Answer, AnswerKind, DeliveryMetrics, Destination, SealedBatch } from './destination.ts'
import { EndpointSpool, type SpoolOpener } from './endpoint-spool.ts'
import { Overflow } from './overflow.ts'
import { Replay } from './replay.ts'
import type { DrainResult, EndpointSettings, EndpointStatus } from './settings.ts'
import { Sender, type Delivery } from './sender.ts'
import { Shard, shardFor } from './shard.ts'
import { Unsendable } from './unsendable.ts'

export interface EndpointOptions {
  readonly settings: EndpointSettings
  readonly destination: Destination
  /** `undefined`: nothing may be written, so what cannot be sent is tried for ever. */
  readonly spool: SpoolOpener | undefined
  readonly filer: DeadLetterFiler
  readonly metrics: DeliveryMetrics
  readonly ledger: Ledger
  readonly clock: Clock
  readonly log: Logger
  /** Returns 0 to 1: the jitter of retries. */
  readonly random: () => number
  /** An invariant is broken; the sink cannot go on. */
  readonly onBroken: (error: unknown) => void
  /** Whether entries that wait keep the process running. */
  readonly keepsRunning: boolean
}

/** Milliseconds that draining still tries an endpoint that fails, so that a stop takes less than five seconds. */
const PATIENCE_IN_TROUBLE_MS = 3000

const UNDELIVERABLE = lost('undeliverable')
const QUEUE_IS_FULL = dropped('queue_is_full')
const RATE_LIMITED = dropped('rate_limited')

export class Endpoint {
  readonly #options: EndpointOptions
  readonly condition: Condition
  readonly #shards: Shard[]
  readonly #abort = new AbortController()
  readonly spool: EndpointSpool | undefined
  readonly #deadline: Deadline
  readonly #overflow: Overflow | undefined
  readonly #replay: Replay | undefined
  readonly #unsendable: Unsendable
  readonly #changes = new Signal()
  #starting: Promise<unknown> | undefined
  #lastBorn = 0
  #closed = false
  #release: (() => void) | undefined

  constructor(options: EndpointOptions) {
    this.#options = options
    const { clock, settings, spool: open, log, ledger, filer } = options
    const { drainTimeoutMs, backoff } = settings
    this.condition = new Condition(log, clock, settings.name, settings.url)
    this.#deadline = new Deadline({
      clock,
      patienceMs: drainTimeoutMs,
      patienceInTroubleMs:
        open === undefined ? drainTimeoutMs : Math.min(drainTimeoutMs, PATIENCE_IN_TROUBLE_MS),
      onPassed: () => this.#leave(),
    })
    const spoolLog = log.with({ endpoint: settings.name })
    this.spool = open === undefined ? undefined : new EndpointSpool({ open, clock, log: spoolLog, ledger })
    this.#unsendable = new Unsendable(filer, () => this.#changed())
    this.#shards = Array.from({ length: Math.max(1, settings.shards) }, () => this.#makeShard())
    if (this.spool !== undefined) {
      this.#overflow = new Overflow(
        {
          spool: this.spool,
          condition: this.condition,
          clock,
          capacity: settings.capacity,
          blockOnOverflow: settings.blockOnOverflow,
          leaving: () => this.#deadline.passed,
          onDropped: ({ route, entries, bytes }) =>
            options.metrics.dropped(route, 'queue_is_full', entries, bytes),
          onChanged: () => this.#changed(),
          onBroken: options.onBroken,
        },
        this.#shards,
      )
      this.#replay = new Replay({
        spool: this.spool,
        sender: this.#shards[0]!.sender,
        live: (otherThan) =>
          this.#shards.flatMap(({ queue }) => queue).find((each) => each.route !== otherThan),
        held: (route) => this.#shards.some((shard) => shard.holds(route)),
        filer,
        backoff,
        clock,
        log,
        leaving: () => this.#deadline.passed,
        onWorks: () => this.#works(),
        onResume: () => this.#changed(),
      })
    }
  }

  /** Opens the spool and sends what an earlier process has left there. */
  async start(): Promise<void> {
    this.#starting = this.spool?.open()
    await this.#starting
    this.#starting = undefined
    this.#changed()
  }

  /** Takes an entry; `ack` is this endpoint's part of what it owes. */
  add(entry: Entry, ack: Ack): void {
    shardFor(entry.labels, this.#shards).batcher.add(entry, ack)
  }

  /** Takes all rows, with all they owe. */
  addColumns(columns: Columns): void {
    const [{ batcher }] = this.#shards as [Shard]
    if (this.#shards.length === 1 && batcher.addColumns !== undefined) batcher.addColumns(columns)
    else for (const entry of entriesOf(columns)) this.add(entry, entry.ack)
  }

  /** The promise to await before more entries are added; `undefined` when there is room. */
  room(): Promise<void> | undefined {
    return this.#hasRoom() ? undefined : this.#changes.until(() => this.#hasRoom())
  }

  /** For people; holds no secrets. */
  status(): EndpointStatus {
    const { settings, metrics } = this.#options
    return {
      name: settings.name,
      url: settings.url,
      state: this.condition.state,
      failingSince: this.condition.failingSince,
      lastError: this.condition.lastError,
      sentEntries: metrics.sentEntries,
      queuedBatches: this.#shards.reduce((sum, { queue }) => sum + queue.length, 0),
      queuedBytes: this.#shards.reduce((sum, { bytes, batcher }) => sum + bytes + batcher.openBytes, 0),
      spoolEntries: this.spool?.entries ?? 0,
      spoolBytes: this.spool?.bytes ?? 0,
      spoolSince: this.spool?.since,
    }
  }

  /** From now on there are `deadlineMs` left; where nothing gets through anyway, there is nothing to wait for. */
  drain(deadlineMs: number): void {
    this.#deadline.limit(deadlineMs, this.condition.inTrouble)
  }

  /** No more entries come: sends the rest or saves it, and settles all acknowledgements. */
  async stop(): Promise<DrainResult> {
    for (const { batcher } of this.#shards) batcher.flush()
    for (const { sender } of this.#shards) sender.nudge()
    this.#deadline.start(this.condition.inTrouble)
    await this.#changes.until(() => this.#deadline.passed || !this.#busy())
    this.#deadline.end()
    await this.#settleDown()
    return await this.#save(this.#shards.flatMap((shard) => shard.takeAll()))
  }

  /**
   * Releases everything, in order or not. What is still held and cannot be read again is saved; the rest is not settled,
   * so that its source reads it again.
   */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const { batcher } of this.#shards) batcher.flush()
    this.#deadline.end()
    await this.#settleDown()
    const rest = this.#shards.flatMap((shard) => shard.takeAll())
    await this.#save(rest.filter(({ replayable }) => !replayable))
    this.#release?.()
    this.#overflow?.close()
    this.#replay?.close()
    await this.spool?.close()
    await this.#options.destination.close()
  }

  #makeShard(): Shard {
    const { destination, metrics, settings } = this.#options
    const sender = new Sender({
      ...this.#options,
      ...settings,
      stop: this.#abort.signal,
      onAttempt: () => this.condition.attempt(),
      onAccepted: (part) => part.acks.settle(DELIVERED),
      onWorks: () => this.#works(),
      onFailed: (answer, kind, route) => this.#failed(answer, kind, route),
    })
    const batcher = destination.batcher({
      born: () => this.#born(),
      sealed: (batch) => this.#enqueue(shard, batch),
      limited: (route, bytes) => metrics.dropped(route, 'limited', 1, bytes),
      unsendable: (sent, route, ack, reason) =>
        this.#unsendable.add({ sent, route, ack, answer: { status: 0, reason } }),
    })
    const shard = new Shard(batcher, sender)
    return shard
  }

  // Never twice the same, and later than all in the spool: the order in which batches of a route are sent.
  #born(): number {
    const last = Math.max(this.#lastBorn, this.spool?.youngest ?? 0)
    this.#lastBorn = Math.max(this.#options.clock.now(), last + 0.001)
    return this.#lastBorn
  }

  #enqueue(shard: Shard, batch: SealedBatch): void {
    const { metrics, settings } = this.#options
    metrics.route(batch.route)
    if (!settings.blockOnOverflow && this.spool === undefined && shard.bytes >= settings.capacity) {
      metrics.dropped(batch.route, 'queue_is_full', batch.entries, batch.bytes)
      return batch.acks.settle(QUEUE_IS_FULL)
    }
    if (this.#options.keepsRunning) this.#release ??= keepAlive()
    shard.push(batch)
    this.#overflow?.relieve(shard)
    this.#wake(shard)
  }

  #hasRoom(): boolean {
    // With no disk and no time left there is nothing to wait for.
    if (this.#closed || (this.#deadline.passed && this.spool === undefined)) return true
    const { capacity, blockOnOverflow } = this.#options.settings
    if (this.#unsendable.filing !== undefined) return false
    return this.#shards.every(
      (shard) => shard.bytes < capacity || (!blockOnOverflow && shard.spooling === undefined),
    )
  }

  #wake(shard: Shard): void {
    if (shard.running !== undefined || this.#abort.signal.aborted) return
    shard.running = this.#run(shard)
      .catch((error: unknown) => this.#options.onBroken(error))
      .then(() => {
        shard.running = undefined
        this.#changed()
        if (this.#deadline.passed) this.#overflow?.relieve(shard)
      })
  }

  async #run(shard: Shard): Promise<void> {
    // What is in the spool is older.
    await this.#starting
    while (!this.#abort.signal.aborted) {
      const [batch] = shard.queue
      if (this.#mayReplay(shard)) await this.#replay!.next()
      else if (shard.spooling !== undefined) await shard.spooling
      else if (batch === undefined) return
      else if (this.spool?.has(batch.route) !== true) await this.#send(shard, batch)
      else if (this.#deadline.limited) return
      else if (this.#replay!.isAside(batch.route)) await this.#follow(shard, batch)
      else {
        await this.#changes.next()
        continue
      }
      this.#changed()
    }
  }

  #mayReplay(shard: Shard): boolean {
    return shard === this.#shards[0] && !this.#deadline.limited && this.#replay?.due() === true
  }

  async #send(shard: Shard, batch: SealedBatch): Promise<void> {
    const { filer, settings } = this.#options
    shard.inHand = [batch]
    try {
      const delivery = await shard.sender.deliver(batch, {
        endless: this.spool === undefined,
        retrySlowDown: settings.retrySlowDown,
      })
      await filer.file(delivery.refused)
      shard.replaceFirst(delivery.rest)
      shard.inHand = delivery.rest
      const [next] = delivery.rest
      if (next === undefined || delivery.ending === 'stopped') return
      if (delivery.ending === 'slow_down') {
        shard.remove(next)
        this.#drop(next, 'slow_down', RATE_LIMITED)
      } else await this.#giveUp(shard, delivery)
    } finally {
      shard.inHand = []
    }
  }

  async #giveUp(shard: Shard, { rest, ending }: Delivery): Promise<void> {
    const taken = await this.#overflow!.append(shard, rest)
    this.condition.down(ending === 'denied')
    shard.inHand = []
    this.#overflow!.relieveAll()
    // Not at once again, unless the spool comes first and waits for itself.
    if (taken < rest.length && !this.#mayReplay(shard)) await this.#pauseWithoutRoom(shard)
  }

  // Nothing of the batch's route is taken, and older batches of it wait on disk: it goes after them.
  async #follow(shard: Shard, batch: SealedBatch): Promise<void> {
    if ((await this.#overflow!.append(shard, [batch])) === 0) await this.#pauseWithoutRoom(shard)
  }

  async #pauseWithoutRoom(shard: Shard): Promise<void> {
    await shard.sender.pause(Math.min(this.#options.settings.backoff.max, this.#overflow!.patienceMs))
  }

  #works(): void {
    this.condition.works()
    this.#deadline.progress()
  }

  #failed(answer: Answer, kind: AnswerKind, route: string): void {
    this.condition.failed(answer, kind, route)
    if (kind === 'slow_down') this.#deadline.slowed(answer.retryAfterMs)
    else this.#deadline.trouble()
    this.#overflow?.relieveAll()
  }

  #busy(): boolean {
    if (this.#unsendable.filing !== undefined) return true
    if (this.#shards.some(({ queue, spooling }) => queue.length > 0 || spooling !== undefined)) return true
    // The spool may hold something to send.
    if (this.#starting !== undefined) return !this.#deadline.limited
    return this.#mayReplay(this.#shards[0]!) && !this.condition.inTrouble
  }

  #leave(): void {
    this.#abortSending()
    this.#overflow?.relieveAll()
    this.#changed()
  }

  #abortSending(): void {
    this.#abort.abort()
    for (const { sender } of this.#shards) sender.wake()
    this.#options.filer.leave()
    this.#changes.notify()
  }

  #changed(): void {
    const [first] = this.#shards as [Shard]
    if (this.#mayReplay(first)) this.#wake(first)
    if (!this.#busy()) {
      this.#release?.()
      this.#release = undefined
    }
    this.#changes.notify()
  }

  async #settleDown(): Promise<void> {
    // Nothing is left to be sent but a spool that is not taken: its next try must not be waited for.
    this.#abortSending()
    for (const shard of this.#shards)
      while (shard.running !== undefined || shard.spooling !== undefined) {
        await shard.running
        await shard.spooling
      }
    await this.#unsendable.filing
  }

  async #save(rest: readonly SealedBatch[]): Promise<DrainResult> {
    const taken = rest.length === 0 ? 0 : ((await this.spool?.append(rest, true)) ?? 0)
    let spooled = 0
    let undelivered = 0
    for (const [i, batch] of rest.entries()) {
      if (i < taken) {
        spooled += batch.entries
        batch.acks.settle(SPOOLED)
      } else if (!batch.replayable || this.spool === undefined) {
        undelivered += batch.entries
        this.#drop(batch, 'undeliverable', UNDELIVERABLE)
      }
    }
    const push = this.condition.failure
    return { spooled, undelivered, lastFailure: this.spool?.failureAfter(push) ?? push }
  }

  #drop(batch: SealedBatch, reason: Parameters<DeliveryMetrics['dropped']>[1], outcome: Outcome): void {
    this.#options.metrics.dropped(batch.route, reason, batch.entries, batch.body.length)
    batch.acks.settle(outcome)
  }
}
