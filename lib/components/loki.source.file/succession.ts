/**
 * The contents that a path has had: opens the one that is there now, finds those that were rotated away (before a
 * restart, or unseen between two polls), and the copy of one that was truncated.
 */
import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { codeOf } from '../../disk/atomic.ts'
import type { GenerationPosition } from '../../disk/positions-format.ts'
import type { Logger } from '../../telemetry/log.ts'
import { andThen } from './and-then.ts'
import type { Claims } from './claims.ts'
import type { TextEncoding } from '../../intake/encoding.ts'
import type { Intake } from '../../intake/intake.ts'
import { ANCHOR_BYTES, anchorOf, HEAD_BYTES } from './fingerprint.ts'
import {
  BEGINNING,
  birthMs,
  Generation,
  holdsPosition,
  identityOf,
  isReborn,
  justAfter,
  markIn,
  SLACK_MS,
  type Mark,
} from './generation.ts'
import { lastLineEnd } from '../../intake/lines.ts'
import { OpenFile } from './open-file.ts'
import { bornMs, locate, missedSince, newestBirth, openSibling, siblings, type Located } from './rotation.ts'

/** How many times a file is searched for before it counts as gone. */
const MAX_LOOKS = 3

/** Rotated files that are remembered. */
const MAX_ACCOUNTED = 10_000
const NONE: ReadonlySet<string> = new Set<string>()

export interface SuccessionOptions {
  readonly path: string
  /** The target's labels without `filename`, as text. */
  readonly labels: string
  readonly encoding: TextEncoding
  readonly maxLineBytes: number
  /** Whether the path is on a local file system: see `OpenFile`. */
  readonly isLocal: () => boolean
  readonly claims: Claims
  readonly intake: Intake
  readonly log: Logger
  /** Lines that were handed on have been acknowledged. */
  readonly onAdvance: () => void
  /** Bytes are known to be gone without having been read. */
  readonly onGap: (bytes: number, why: string) => void
}

export class Succession {
  readonly #options: SuccessionOptions
  /** The `since` of the content that was the newest when it was last looked at; `undefined` before any. */
  #since: number | undefined
  /** The rotated files that there were when it was last asked for missed ones, and their latest birth. */
  #accounted: ReadonlySet<string> = NONE
  #floor = 0

  constructor(options: SuccessionOptions) {
    this.#options = options
  }

  /** At that look the path had its current content. */
  saw(current: Generation, look: BigIntStats): void {
    this.#since = current.since = Math.max(current.since, Number(look.mtimeNs) / 1e6)
  }

  /** Opens the contents that a positions file names, as far as they are still there; the others are reported. */
  async restore(stored: readonly GenerationPosition[], look: BigIntStats | undefined): Promise<Generation[]> {
    const found: Generation[] = []
    for (const position of stored) {
      const last = position === stored.at(-1)
      const located = await this.#find(position, look, last)
      if (located === undefined) this.#lost(position)
      else await this.#restoreOne(found, located, position)
      // Of a position without an inode nothing is known of when it was the newest.
      if (last) this.#since = position.inode === '' ? Infinity : position.since
    }
    return found
  }

  /**
   * What is at the path now, after whatever came and went since the last look. Empty while another path's
   * reader is still at that file. The first one ever is begun at its end if it was born before `fromEndBefore`.
   */
  async next(known: readonly Generation[], look: BigIntStats, fromEndBefore: number): Promise<Generation[]> {
    const { path, labels, claims } = this.#options
    if (!claims.claim(labels, String(look.ino), path)) return []
    const handle = await OpenFile.open(path, this.#options.isLocal)
    const stats = await handle.stats()
    if (!claims.claim(labels, String(stats.ino), path)) {
      await handle.close()
      return []
    }
    const first = this.#since === undefined
    const isNew = known.length === 0 && !claims.knows(labels, String(stats.ino))
    const continued = isNew ? undefined : await this.#continued(handle, stats, known)
    const mark =
      continued ??
      (first && bornMs(stats) <= fromEndBefore
        ? await endMark(handle, stats, this.#options.encoding)
        : BEGINNING)
    const current = await this.#generation({ path, handle, stats }, mark)
    current.follows = !first || current.size === 0
    if (first) {
      this.#since = current.since
      return [current]
    }
    // A file that was there before has got another content: it was copied and truncated, not renamed.
    const copied = current.born + SLACK_MS < this.#since!
    return [...(await this.#missed(current, known, this.#since!, copied)), current]
  }

  /**
   * What the current content's file held before, unseen, and was copied away. Call it when the first bytes of the
   * content have been read: only what was read is known to belong to it.
   */
  before(known: readonly Generation[], current: Generation): Promise<Generation[]> {
    return this.#missed(current, known, current.since, true)
  }

  /**
   * The file of a generation was truncated (and perhaps written again). The generation continues in the copy that was
   * made of it, if there is one; its file becomes a new generation, after copies that were missed.
   */
  async truncated(known: readonly Generation[], generation: Generation): Promise<Generation[]> {
    const { path, claims, labels } = this.#options
    const handle = generation.handle!
    const stats = await handle.stats()
    const family = await siblings(path)
    const wanted = generation.reached
    const copy = generation.mark.offset > 0 ? await locate(path, family, wanted) : undefined
    const reach = copy === undefined ? generation.mark.offset : Number(copy.stats.size)
    const gap = generation.confirmed - reach
    if (copy === undefined) generation.handle = undefined
    else await generation.rebind(copy.handle, copy.stats)
    if (copy !== undefined) claims.claim(labels, generation.inode, path)
    const fresh = await this.#generation({ path, handle, stats }, BEGINNING)
    fresh.truncated = fresh.follows = true
    const since = copy === undefined ? generation.since : bornMs(copy.stats)
    const missed = await this.#missed(fresh, known, since, true)
    if (gap > 0) this.#options.onGap(gap, 'the file was truncated before they were read')
    return [...missed, fresh]
  }

  // Searches again if it isn't found: files may be renamed during the search.
  async #find(
    position: GenerationPosition,
    look: BigIntStats | undefined,
    last: boolean,
  ): Promise<Located | undefined> {
    const { path } = this.#options
    let standing = look
    for (let attempt = 0; attempt < MAX_LOOKS; attempt++) {
      const there = await this.#atPath(position, standing, last)
      if (there !== undefined || position.inode === '') return there
      const elsewhere = await locate(path, await siblings(path, true), position)
      if (elsewhere !== undefined) return elsewhere
      standing = await stat(path, { bigint: true }).catch(() => undefined)
    }
    return undefined
  }

  // The position's content under the path itself: the same file, or (a restored backup) the same bytes in another.
  async #atPath(
    position: GenerationPosition,
    look: BigIntStats | undefined,
    last: boolean,
  ): Promise<Located | undefined> {
    const { path, isLocal } = this.#options
    const same = look !== undefined && position.inode === String(look.ino)
    const adopted = position.inode === ''
    if (look === undefined || !(same || adopted || (last && position.offset >= ANCHOR_BYTES)))
      return undefined
    let handle: OpenFile
    try {
      handle = await OpenFile.open(path, isLocal)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
    const stats = await handle.stats()
    // An empty position holds in any file, and the path may have got another one since the look.
    const itself = adopted || String(stats.ino) === position.inode || position.offset >= ANCHOR_BYTES
    const bytes = adopted ? Number(stats.size) >= position.offset : await holdsPosition(handle, position)
    const holds = itself && bytes && !isReborn(position, stats)
    if (holds) return { path, handle, stats }
    await handle.close()
    return undefined
  }

  async #restoreOne(found: Generation[], located: Located, position: GenerationPosition): Promise<void> {
    const { claims, labels, path } = this.#options
    const inode = String(located.stats.ino)
    // A content and the copy that it went on in may both have been stored.
    const double = found.some((generation) => generation.inode === inode)
    if (double || !claims.claim(labels, inode, path)) return await located.handle.close()
    if (position.inode !== inode && position.inode !== '')
      claims.release(labels, position.inode, path, undefined)
    const mark = position.inode === '' ? await markAt(located.handle, position.offset) : markIn(position)
    claims.forgetStored(labels, inode)
    const generation = await this.#generation(located, mark)
    generation.since = position.inode === '' ? generation.since : position.since
    generation.follows = mark.offset === 0
    found.push(generation)
  }

  #lost(position: GenerationPosition): void {
    const { claims, labels, path, log } = this.#options
    claims.release(labels, position.inode, path, undefined)
    if (position.inode === '') {
      log.warn(`${path} is shorter than its position ${position.offset} of before: it is read from its start`)
      return
    }
    const bytes = position.size - position.offset
    if (bytes > 0)
      this.#options.onGap(bytes, 'the file was removed or compressed while nothing was reading it')
  }

  // Where to go on in a file that another reader (or this one, under its old name) has read before, or that holds
  // what the deleted one held.
  async #continued(
    handle: OpenFile,
    stats: BigIntStats,
    known: readonly Generation[],
  ): Promise<Mark | undefined> {
    const { claims, labels } = this.#options
    const read = claims.readUpTo(labels, String(stats.ino))
    if (read !== undefined && !isReborn(read, stats) && (await holdsPosition(handle, read)))
      return markIn(read)
    const stored = await this.#storedMark(handle, stats)
    claims.forgetStored(labels, String(stats.ino))
    if (stored !== undefined) return stored
    const last = known.at(-1)
    if (last?.handle === undefined || last.mark.offset < ANCHOR_BYTES) return undefined
    const deleted = (await last.handle.stats()).nlink === 0n
    return deleted && (await holdsPosition(handle, last.reached)) ? last.mark : undefined
  }

  // The lowest acknowledged place of an earlier life in this file, whatever its name was then.
  async #storedMark(handle: OpenFile, stats: BigIntStats): Promise<Mark | undefined> {
    const { claims, labels } = this.#options
    for (const position of claims.storedIn(labels, String(stats.ino)))
      if (!isReborn(position, stats) && (await holdsPosition(handle, position))) return markIn(position)
    return undefined
  }

  // `copied`: contents go by being copied, and a copy of the current one may be there before it is truncated. `since`
  // counts only the first time; later it is known which files there were.
  async #missed(
    current: Generation,
    known: readonly Generation[],
    since: number,
    copied: boolean,
  ): Promise<Generation[]> {
    const { path, labels, claims, log } = this.#options
    const family = await siblings(path)
    // The file has been renamed since: what is at the path now came after it, and is left for the next time.
    const standing = await stat(path, { bigint: true }).catch(() => undefined)
    if (copied && (standing === undefined || !current.isFile(standing))) return []
    const from = this.#accounted.size === 0 ? since : this.#floor
    const skip = new Set([...known, current].map(({ identity }) => identity))
    const accounted = new Set([...skip, ...family.map(({ stats }) => identityOf(stats))])
    const missed: Generation[] = []
    for (const sibling of missedSince(
      family,
      from,
      ({ stats }) => skip.has(identityOf(stats)) || this.#accounted.has(identityOf(stats)),
    )) {
      const inode = String(sibling.stats.ino)
      if (!copied && birthMs(sibling.stats) > current.born) {
        // As above.
        accounted.delete(identityOf(sibling.stats))
        continue
      }
      if (!claims.claim(labels, inode, path)) continue
      const located = await openSibling(path, sibling)
      if (located === undefined) {
        log.warn(`${sibling.path} stood under ${path} unseen and cannot be opened: allow reading it`)
      } else if (copied && (await isCopyOf(located.handle, current.handle!))) {
        accounted.delete(identityOf(sibling.stats))
        claims.release(labels, inode, path, undefined)
        await located.handle.close()
      } else {
        const mark = await this.#continued(located.handle, located.stats, [])
        missed.push(await this.#generation(located, mark ?? BEGINNING))
        log.info(`${sibling.path} stood under ${path} unseen, it is read first`)
      }
    }
    this.#account(accounted)
    this.#floor = newestBirth(
      family.filter(({ stats }) => accounted.has(identityOf(stats))),
      from,
    )
    this.#since = current.since = Math.max(current.since, justAfter(this.#floor))
    return missed
  }

  // Those of before are kept: a file that a listing missed must not turn up as new.
  #account(files: ReadonlySet<string>): void {
    const all = new Set([...this.#accounted, ...files])
    this.#accounted = all.size > MAX_ACCOUNTED ? files : all
  }

  #generation({ handle, stats }: Located, mark: Mark): Generation | Promise<Generation> {
    const { intake, onAdvance, encoding, maxLineBytes } = this.#options
    const generation = new Generation(handle, stats, { encoding, maxLineBytes, mark })
    generation.partition = intake.partition<Mark>({
      position: mark,
      onAdvance: (acknowledged) => {
        generation.acked = acknowledged
        onAdvance()
      },
    })
    return andThen(generation.prepare(), () => generation)
  }
}

async function markAt(handle: OpenFile, offset: number): Promise<Mark> {
  const before = Math.min(ANCHOR_BYTES, offset)
  const bytes = Buffer.alloc(before)
  return { offset, anchor: anchorOf(bytes, await handle.read(bytes, offset - before)) }
}

/** Whether a file holds the first bytes of another one (or nothing yet): judged by its own first and last ones. */
async function isCopyOf(copy: OpenFile, original: OpenFile): Promise<boolean> {
  const size = await copy.size()
  if ((await original.size()) < size) return false
  for (const start of [0, Math.max(0, size - HEAD_BYTES)]) {
    const length = Math.min(HEAD_BYTES, size - start)
    const [a, b] = [Buffer.alloc(length), Buffer.alloc(length)]
    await Promise.all([copy.read(a, start), original.read(b, start)])
    if (!a.equals(b)) return false
  }
  return true
}

/** Returns the mark after the last line end, so that an unfinished last line is read as a whole. */
async function endMark(handle: OpenFile, stats: BigIntStats, encoding: TextEncoding): Promise<Mark> {
  const step = 64 * 1024
  const buffer = Buffer.allocUnsafe(step)
  for (let end = Number(stats.size); end > 0;) {
    const start = Math.max(0, Math.floor((end - 1) / step) * step)
    const bytesRead = await handle.read(buffer.subarray(0, end - start), start)
    const found = lastLineEnd(buffer, 0, bytesRead, encoding)
    if (found > 0) return await markAt(handle, start + found)
    end = start
  }
  return BEGINNING
}
