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

export class ReplayableIntake {
  readonly #intake: Intake
  readonly #cursors: Cursors
  readonly #keys = new Set<string>()

  private constructor(intake: Intake, cursors: Cursors) {
    this.#intake = intake
    this.#cursors = cursors
  }

  /** Reads the positions. Rejects with `LogstreamError` IO for those of a newer version. */
  static async open(ctx: ReplayableContext, maxLineBytes?: number): Promise<ReplayableIntake> {
    const cursors = await Cursors.open({ folder: ctx.dataDir, log: ctx.log, clock: ctx.clock })
    return new ReplayableIntake(new Intake(ctx, maxLineBytes), cursors)
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

  /** Forgets a position for good, of a container that was removed for one. */
  forget(key: string): void {
    this.#keys.delete(key)
    this.#cursors.delete(key)
  }

  /** The source is stopping: nothing waits for room any more, and there are no more turns. */
  stop(): void {
    this.#intake.stop()
  }

  /** Nothing more comes: hands on the rest and ends the output. */
  end(): void {
    this.#intake.end()
  }

  /** Waits until the positions are on disk; those of lines still in flight follow as these end. */
  async close(): Promise<void> {
    await this.#cursors.flush()
    if (this.#intake.settled) await this.#cursors.close()
    else void this.#intake.whenSettled().then(() => this.#cursors.close())
  }
}
