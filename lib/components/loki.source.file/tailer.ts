/**
 * Follows one path: reads what is there, waits for more, and gets through rotations and truncations without losing a
 * line or reading one twice. Rotated files are followed for a while, since writers are slow to notice.
 */
import type { BigIntStats } from 'node:fs'
import { codeOf } from '../../disk/atomic.ts'
import { LogstreamError } from '../../errors.ts'
import { segmentEnd } from '../../intake/lines.ts'
import { BEGINNING, type Chunk, type Generation } from './generation.ts'
import { skipHole } from './hole.ts'
import type { ReadCounts } from './reader-metrics.ts'
import { Looks } from './looks.ts'
import { Pause } from './pause.ts'
import type { ReaderEnv, ReaderOptions } from './reader-options.ts'
import { Succession } from './succession.ts'
import { troubleOf } from './trouble.ts'

/** A rotated file is closed when it hasn't grown for this long; a deleted one then frees its disk space. */
const LINGER_MS = 60_000
/** After this long the unfinished last line of a rotated file is taken as a line. */
const REST_MS = 1_000
/** With more rotated files than this, the oldest are closed earlier. */
const MAX_LINGERING = 8
/** How many contents that were read to the end are remembered, where that matters. */
const MAX_KEPT = 64
/** A file that is written all the time is examined at this interval, not at every write. */
const MIN_PAUSE_MS = 20

export class Tailer {
  readonly path: string
  readonly counts: ReadCounts = { lines: 0, invalid: 0 }
  readonly #options: ReaderOptions
  readonly #env: ReaderEnv
  readonly #succession: Succession
  readonly #looks: Looks
  #generations: Generation[] = []
  #trouble = ''
  /** The file is gone for a moment, as happens in a rotation. */
  #rotating = false
  #stopped = false
  #retiring = false
  /** There was no file at first, so the one that comes is new. */
  #appeared = false
  /** What the path was like when it was opened, until the first pass. */
  #met: BigIntStats | undefined

  constructor(options: ReaderOptions, env: ReaderEnv) {
    const { path, key } = options
    this.path = path
    this.#options = options
    this.#env = env
    const pause = new Pause(env.ctx.clock, options.minPollMs, options.maxPollMs, MIN_PAUSE_MS)
    this.#looks = new Looks(path, pause, options.follow ? env.watch : undefined)
    this.#succession = new Succession({
      path,
      labels: key,
      encoding: options.encoding,
      maxLineBytes: options.maxLineBytes,
      isLocal: () => this.#looks.local,
      claims: env.claims,
      intake: env.intake,
      log: env.ctx.log,
      onAdvance: () => {
        this.#generations = this.#remaining()
        env.positions.changed(path, key)
      },
      onGap: (bytes, why) => env.onGap(path, bytes, why),
    })
  }

  /** How far the newest content was read, and its size, in bytes. */
  get progress(): { readonly read: number; readonly size: number } {
    const current = this.#generations.at(-1)
    return { read: current?.mark.offset ?? 0, size: current?.size ?? 0 }
  }

  /** What keeps the file from being read; '' for nothing. */
  get trouble(): string {
    return this.#trouble
  }

  /** Whether that is more than a rotation in which the new file isn't there yet. */
  get blocked(): boolean {
    return this.#trouble !== '' && !this.#rotating
  }

  /** Throws `LogstreamError` IO when there is nothing to read at the path. */
  async check(): Promise<void> {
    const look = await this.#look()
    if (look === undefined) throw new LogstreamError('IO', this.#trouble)
  }

  /**
   * Reads until it is stopped or, when it does not follow, to the end. Rejects only then, with `LogstreamError` IO. Calls
   * `opened` when the file is open, or could not be opened.
   */
  async run(opened: () => void): Promise<void> {
    while (!this.#stopped && !(await this.#open())) {
      opened()
      await this.#looks.due(false)
    }
    opened()
    while (!this.#stopped) {
      const next = await this.#round()
      if (next === 'end') break
      // Waited for here: each function that waits keeps its variables, and most of thousands of files wait.
      if (next !== 'again') await this.#looks.due(next === 'moved')
    }
    this.#looks.close()
    await Promise.all(this.#generations.map((generation) => generation.close()))
  }

  // Opens what is known of the path. Returns `false` if that isn't possible yet; what is stored stays as it is.
  async #open(): Promise<boolean> {
    const { positions } = this.#env
    const { path, key } = this.#options
    let look = await this.#look()
    try {
      const stored = positions.stored(path, key)?.generations ?? []
      if (stored.length > 0) {
        this.#generations = await this.#succession.restore(stored, look)
        // Restoring takes time.
        look = await this.#look()
      }
    } catch (error) {
      await this.#failed(error)
      if (!this.#options.follow) throw new LogstreamError('IO', this.#trouble, { cause: error })
      return false
    }
    positions.attach(path, key, () => this.#generations.map(({ position }) => position))
    for (const generation of this.#generations.slice(0, -1)) this.#rotated(generation)
    if (this.#generations.length > 0) positions.changed(path, key)
    try {
      await this.#succeed(look)
      this.#met = look
    } catch (error) {
      await this.#failed(error)
    }
    return true
  }

  /** The target is gone: finishes what was rotated away, then ends. `false` takes that back. */
  retire(retiring: boolean): void {
    this.#retiring = retiring
    this.#looks.hurry()
  }

  stop(): void {
    this.#stopped = true
    this.#looks.end()
  }

  // Whether to go on at once or, if nothing or something was read, after a while.
  async #round(): Promise<'again' | 'still' | 'moved' | 'end'> {
    let more = false
    let moved = 0
    try {
      const before = this.counts.lines
      more = await this.#pass()
      moved = this.counts.lines - before
    } catch (error) {
      await this.#failed(error)
      if (!this.#options.follow) throw new LogstreamError('IO', this.#trouble, { cause: error })
    }
    if (this.#stopped) return 'end'
    if (!more && !this.#options.follow) return (await this.#finish()) ? 'end' : 'again'
    if (this.#retiring && !this.#lingers()) return 'end'
    if (more) return 'again'
    return moved > 0 ? 'moved' : 'still'
  }

  // Reads all generations up to their present sizes. Returns `true` if more has come by then.
  async #pass(): Promise<boolean> {
    const met = this.#met
    this.#met = undefined
    const look = met ?? (await this.#look())
    if (met === undefined) await this.#succeed(look)
    let more = false
    for (const generation of [...this.#generations]) more = (await this.#drain(generation)) || more
    const current = this.#generations.at(-1)
    if (this.#lingers()) await this.#letGo()
    this.#generations = this.#remaining()
    if (look === undefined || more || current?.isFile(look) !== true) return more
    this.#succession.saw(current, look)
    if (!this.#lingers()) this.#looks.finished(look)
    return false
  }

  #look(): BigIntStats | undefined | Promise<BigIntStats | undefined> {
    try {
      const look = this.#looks.look()
      if (look instanceof Promise)
        return look.then(
          (stats) => this.#seen(stats),
          (error: unknown) => this.#unseen(error),
        )
      return this.#seen(look)
    } catch (error) {
      return this.#unseen(error)
    }
  }

  #seen(look: BigIntStats): BigIntStats | undefined {
    if (look.isFile()) return look
    this.#complain(troubleOf(this.path, look))
    return undefined
  }

  #unseen(error: unknown): undefined {
    this.#complain(troubleOf(this.path, error), codeOf(error) === 'ENOENT' && this.#generations.length > 0)
  }

  async #succeed(look: BigIntStats | undefined): Promise<void> {
    const current = this.#generations.at(-1)
    const standing = look && this.#generations.find((generation) => generation.isFile(look))
    for (const generation of this.#generations) if (generation !== standing) this.#rotated(generation)
    if (look === undefined) this.#appeared = true
    if (look === undefined || (this.#retiring && standing === undefined)) return
    if (standing === undefined || current === undefined) {
      const fromEndBefore = this.#appeared ? -Infinity : this.#options.fromEndBefore
      this.#adopt(await this.#succession.next(this.#generations, look, fromEndBefore))
    } else {
      this.#generations = [...this.#generations.filter((generation) => generation !== standing), standing]
      standing.rotatedAt = undefined
      await this.#examine(standing, look)
    }
    if (this.#trouble !== '') this.#env.ctx.log.info(`${this.path} can be read again`)
    this.#trouble = ''
  }

  // The file at the path: has it grown, or been truncated?
  async #examine(standing: Generation, look: BigIntStats): Promise<void> {
    const size = Number(look.size)
    const reached = standing.mark.offset + standing.pending
    const touched = look.mtimeNs !== standing.modified
    standing.modified = look.mtimeNs
    if (size < reached || (touched && !(await standing.holds()))) return await this.#cut(standing)
    // What was there is known to be of this content, also if it is gone before it could be read.
    if (touched || size === standing.size) standing.confirmed = size
    standing.size = size
    // Emptied before anything of it was read: what it held, if anything, is in a copy.
    if (size === 0 && touched && standing.follows) await this.#isPreceded(standing)
  }

  // A rotated file that was overwritten no longer holds what was to be read.
  async #changed(generation: Generation): Promise<void> {
    if (generation === this.#generations.at(-1)) return await this.#cut(generation)
    const bytes = generation.confirmed - generation.mark.offset
    if (bytes > 0) this.#env.onGap(this.path, bytes, 'the rotated file was overwritten')
    await this.#release(generation)
  }

  async #cut(generation: Generation): Promise<void> {
    this.#adopt(await this.#succession.truncated(this.#generations, generation))
    this.#rotated(generation)
  }

  #adopt(generations: readonly Generation[], moved?: Generation): void {
    if (generations.length === 0) return
    this.#generations = [...this.#generations.filter((generation) => generation !== moved), ...generations]
    for (const generation of this.#generations.slice(0, -1)) this.#rotated(generation)
    this.#env.positions.changed(this.path, this.#options.key)
  }

  #rotated(generation: Generation): void {
    generation.rotatedAt ??= this.#env.ctx.clock.now()
  }

  async #drain(generation: Generation): Promise<boolean> {
    if (generation.handle === undefined) return false
    if (generation.rotatedAt !== undefined) generation.size = await generation.handle.size()
    while (generation.hasMore && !this.#stopped) {
      const result = await this.#turn(generation)
      if (result === 'changed') await this.#changed(generation)
      if (result === 'changed' || result === 'later') return true
      if (result !== 'read') return false
      if (generation.rotatedAt !== undefined) generation.rotatedAt = this.#env.ctx.clock.now()
    }
    return false
  }

  async #turn(generation: Generation): Promise<'read' | 'end' | 'changed' | 'later'> {
    const { buffer } = this.#env
    const endTurn = await generation.partition!.turn()
    if (endTurn === undefined) return 'end'
    try {
      if (this.#stopped) return 'end'
      if (generation.truncated) await skipHole(generation, buffer)
      const chunk = await generation.read(buffer)
      if (typeof chunk === 'string') return chunk
      if (generation.follows && (await this.#isPreceded(generation))) return 'later'
      generation.follows = false
      this.#deliver(generation, chunk)
      return 'read'
    } finally {
      endTurn()
    }
  }

  // Before the first line of a content is handed on: did others come and go unnoticed?
  async #isPreceded(generation: Generation): Promise<boolean> {
    const missed =
      generation === this.#generations.at(-1)
        ? await this.#succession.before(this.#generations, generation)
        : []
    if (missed.length === 0) return false
    this.#adopt([...missed, generation], generation)
    generation.startAt(BEGINNING)
    return true
  }

  #deliver(generation: Generation, chunk: Chunk): void {
    const { bytes } = chunk
    const { encoding } = generation
    let base = generation.before(chunk)
    for (let start = chunk.start; start < chunk.end;) {
      const end = chunk.endless !== undefined ? chunk.end : segmentEnd(bytes, start, chunk.end, encoding)
      const segment = { bytes, start, end, encoding, part: generation.nextPart(chunk) }
      const mark = generation.advance(chunk, base, end)
      const cut = generation.partition!.addSegment(segment, this.#options.labels, mark)
      this.counts.lines += cut.lines
      this.counts.invalid += cut.invalid
      start = base = end
    }
  }

  // Of rotated files: takes their unfinished last lines, and closes those that no longer grow.
  async #letGo(): Promise<void> {
    const now = this.#env.ctx.clock.now()
    const old = this.#generations.filter(
      ({ handle, rotatedAt }) => handle !== undefined && rotatedAt !== undefined,
    )
    for (const [i, generation] of old.entries()) {
      const quiet = now - generation.rotatedAt!
      const crowded = old.length - i > MAX_LINGERING && !generation.hasMore
      if (generation.pending > 0 && (quiet >= REST_MS || crowded)) await this.#deliverRest(generation)
      if (quiet >= LINGER_MS || crowded) await this.#release(generation)
    }
  }

  async #deliverRest(generation: Generation): Promise<void> {
    const rest = await generation.readRest()
    if (typeof rest !== 'string') this.#deliver(generation, rest)
  }

  async #release(generation: Generation): Promise<void> {
    await generation.close()
    this.#env.claims.release(this.#options.key, generation.inode, this.path, generation.reached)
    this.#env.positions.changed(this.path, this.#options.key)
  }

  // A finished content is kept where other targets belong to the same rotation: they must know that it was read.
  #remaining(): Generation[] {
    if (this.#generations.length === 1) return this.#generations
    const keep = this.#env.isShared(this.path, this.#options.key) ? MAX_KEPT : 1
    const all = this.#generations
    return all.filter((generation, i) => !generation.over || i >= all.length - keep)
  }

  // A target that went away waits for its rotated files only if its path is gone too.
  #lingers(): boolean {
    return this.#generations.some(({ handle, rotatedAt }) => handle !== undefined && rotatedAt !== undefined)
  }

  // Takes the unfinished last lines. Returns `false` if more has come.
  async #finish(): Promise<boolean> {
    for (const generation of this.#generations) {
      if (generation.handle === undefined) continue
      if ((await generation.handle.size()) > generation.mark.offset + generation.pending) return false
      await this.#deliverRest(generation)
    }
    return true
  }

  async #failed(error: unknown): Promise<void> {
    this.#complain(troubleOf(this.path, error))
    // A network file system no longer knows the handle: reading continues at the mark once it is opened again.
    if (codeOf(error) !== 'ESTALE') return
    for (const generation of this.#generations) await this.#release(generation)
  }

  #complain(trouble: string, expected = false): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    this.#rotating = expected
    if (expected) this.#env.ctx.log.info(trouble)
    else this.#env.ctx.log.warn(trouble)
  }
}
