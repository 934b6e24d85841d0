/**
 * A file that is open for reading. What a local file system is about to have in its cache is opened and read at once: that
 * takes a few µs, and a turn in the thread pool 60 to 100 µs of CPU. Other file systems may hang, and are always asked in
 * the thread pool.
 */
import { close, constants, fstat, fstatSync, open, openSync, read, readSync, type BigIntStats } from 'node:fs'
import { promisify } from 'node:util'

/**
 * Reads of more bytes go to the thread pool anyway: the disk may take longer over them than other work should wait. So many are
 * read ahead by Linux, so that fewer take it no less time.
 */
const SMALL_BYTES = 128 * 1024

/** A pipe or a link that has come to the path since it was looked at must not hold up everything else. */
const AT_ONCE = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW

const opening = promisify(open)
const reading = promisify(read)
const looking = promisify(fstat)
const closing = promisify(close)

export class OpenFile {
  #fd: number
  readonly #isLocal: () => boolean

  private constructor(fd: number, isLocal: () => boolean) {
    this.#fd = fd
    this.#isLocal = isLocal
  }

  /**
   * Opens a file. `isLocal` says whether it is on a local file system and not a link, as far as that is known; `false` if
   * left out. Throws, or rejects with, the system's error.
   */
  static open(path: string, isLocal: () => boolean = () => false): OpenFile | Promise<OpenFile> {
    if (isLocal()) return new OpenFile(openSync(path, AT_ONCE), isLocal)
    return opening(path, 'r').then((fd) => new OpenFile(fd, isLocal))
  }

  /**
   * Fills `buffer` from `position` on, as far as there are bytes; `expected` is how many there should be. Returns how many
   * there were.
   */
  read(buffer: Buffer, position: number, expected: number = buffer.length): number | Promise<number> {
    const { length } = buffer
    if (this.#isLocal() && expected <= SMALL_BYTES) return readSync(this.#fd, buffer, 0, length, position)
    return reading(this.#fd, buffer, 0, length, position).then(({ bytesRead }) => bytesRead)
  }

  stats(): BigIntStats | Promise<BigIntStats> {
    return this.#isLocal() ? fstatSync(this.#fd, { bigint: true }) : looking(this.#fd, { bigint: true })
  }

  async size(): Promise<number> {
    return Number((await this.stats()).size)
  }

  /** Closes it, once nothing is being read. The end of a deleted file takes long where it is large, so never at once. */
  async close(): Promise<void> {
    const fd = this.#fd
    // Another file gets the number.
    this.#fd = -1
    if (fd >= 0) await closing(fd)
  }
}
