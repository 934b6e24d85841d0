/** An intake that remembers: partitions by name, whose positions are kept on disk. */
import type { Readable } from 'node:stream'
import { Cursors, type Cursor } from '../disk/cursors.ts'
import type { Logger } from '../telemetry/log.ts'
import { Intake, type IntakeContext } from './intake.ts'
import type { Partition } from './partition.ts'

export interface ReplayableContext extends IntakeContext {
  readonly log: Logger
  /** Where `cursors.json` lies; `undefined` keeps positions in memory only. */
  readonly dataDir: string | undefined
}

/** What `openIntake` returns: an output, and the partitions that lines are added to. */
export class ReplayableIntake {
  readonly #ctx: ReplayableContext
  readonly #intake: Intake
  readonly #keys = new Set<string>()
  #opened: Cursors | undefined

  /** A component makes it when it is created, for its `output`, and calls `load` when it starts. */
  constructor(ctx: ReplayableContext, maxLineBytes?: number) {
    this.#ctx = ctx
    this.#intake = new Intake(ctx, maxLineBytes)
  }

  /** Both at once. Rejects as `load` does. */
  static async open(ctx: ReplayableContext, maxLineBytes?: number): Promise<ReplayableIntake> {
    const intake = new ReplayableIntake(ctx, maxLineBytes)
    await intake.load()
    return intake
  }

  /** Reads the positions. Rejects with `LogstreamError` IO for those of a newer version. */
  async load(): Promise<void> {
    const { dataDir, log, clock } = this.#ctx
    this.#opened = await Cursors.open({ folder: dataDir, log, clock })
  }

  get #cursors(): Cursors {
    if (this.#opened === undefined)
      throw new Error('broken invariant: positions are used before they are loaded')
    return this.#opened
  }

  /** The component's output: a Readable of batches. */
  get output(): Readable {
    return this.#intake.output
  }

  /**
   * The partition of that name, once. Its `position` is where an earlier run came to, or `undefined`: there was none, or
   * `isPosition` doesn't know what was stored.
   */
  partition<P extends Cursor>(
    key: string,
    isPosition: (stored: Cursor) => stored is P,
  ): Partition<P | undefined> {
    if (this.#keys.has(key)) throw new Error(`broken invariant: partition "${key}" was opened twice`)
    this.#keys.add(key)
    const stored = this.#cursors.get(key)
    let attached = false
    const partition = this.#intake.partition<P | undefined>({
      position: stored !== undefined && isPosition(stored) ? stored : undefined,
      onAdvance: (position) => {
        if (position === undefined) return
        if (!attached) this.#cursors.attach(key, () => partition.position ?? position)
        attached = true
        this.#cursors.changed(key)
      },
    })
    return partition
  }

  /** The partition is read no further, for now: its position stays, and it may be opened again. */
  release(key: string): void {
    this.#keys.delete(key)
  }

  /** Forgets a position for good, of a container that was removed for one. */
  forget(key: string): void {
    this.#keys.delete(key)
    this.#cursors.delete(key)
  }

  /**
   * Forgets positions of partitions that weren't open for so many milliseconds. To be called now and then: those that are
   * open count from the last call. While none is open, nothing is known of what there is, and nothing is forgotten.
   */
  forgetUnused(ms: number): void {
    if (this.#keys.size === 0) return
    for (const key of this.#keys) this.#cursors.changed(key)
    this.#cursors.deleteUnchanged(this.#ctx.clock.now() - ms, this.#keys)
  }

  /** The source is stopping: waits for room end, and turns are refused from now on. */
  stop(): void {
    this.#intake.stop()
  }

  /** Nothing more comes: hands on the rest and ends the output. */
  end(): void {
    this.#intake.end()
  }

  /** Waits until the positions are on disk; those of lines still in flight follow as these end. */
  async close(): Promise<void> {
    if (this.#opened === undefined) return
    await this.#cursors.flush()
    if (this.#intake.settled) await this.#cursors.close()
    else void this.#intake.whenSettled().then(() => this.#cursors.close())
  }
}
