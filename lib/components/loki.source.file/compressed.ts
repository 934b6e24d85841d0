/** Reads a compressed file once, to its end. Its position counts decompressed bytes. */
import { createReadStream, type BigIntStats } from 'node:fs'
import { open } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { PassThrough, pipeline, type Readable } from 'node:stream'
import { createGunzip, createInflate } from 'node:zlib'
import type { GenerationPosition } from '../../disk/positions-format.ts'
import { messageOf } from '../../errors.ts'
import { encodingNamed, markOf, UTF8 } from '../../intake/encoding.ts'
import { anchorOf, HEAD_BYTES, headHash } from './fingerprint.ts'
import { BEGINNING, markIn, type Mark } from './generation.ts'
import { LineAssembler } from '../../intake/line-assembler.ts'
import { segmentEnd, type Segment } from '../../intake/lines.ts'
import type { Partition } from '../../intake/partition.ts'
import { Pause } from './pause.ts'
import type { ReadCounts } from './reader-metrics.ts'
import type { ReaderEnv, ReaderOptions } from './reader-options.ts'
import { troubleOf } from './trouble.ts'

const require = createRequire(import.meta.url)

export type CompressionFormat = 'gz' | 'z' | 'bz2'

export interface Decompression {
  readonly format: CompressionFormat
  /** Milliseconds to wait before the file is opened. */
  readonly initialDelayMs: number
}

export class CompressedReader {
  readonly path: string
  readonly counts: ReadCounts = { lines: 0, invalid: 0 }
  readonly #options: ReaderOptions
  readonly #decompression: Decompression
  readonly #env: ReaderEnv
  readonly #pause: Pause
  #identity: Omit<GenerationPosition, 'offset' | 'anchor'> | undefined
  #mark = BEGINNING
  #partition: Partition<Mark> | undefined
  #stopped = false
  #trouble = ''

  constructor(options: ReaderOptions, decompression: Decompression, env: ReaderEnv) {
    this.path = options.path
    this.#options = options
    this.#decompression = decompression
    this.#env = env
    this.#pause = new Pause(env.ctx.clock, decompression.initialDelayMs, decompression.initialDelayMs, 0)
  }

  get progress(): { readonly read: number; readonly size: number } {
    return { read: this.#mark.offset, size: this.#identity?.size ?? 0 }
  }

  get trouble(): string {
    return this.#trouble
  }

  get blocked(): boolean {
    return this.#trouble !== ''
  }

  /**
   * Reads the file. Never rejects: what is wrong with it is logged, and the lines before that are handed on. Calls `opened`
   * at once, since others needn't wait for it.
   */
  async run(opened: () => void): Promise<void> {
    opened()
    if (this.#decompression.initialDelayMs > 0) await this.#pause.wait(false)
    if (this.#stopped) return
    const { path, key } = this.#options
    try {
      const { intake, positions } = this.#env
      const position = await this.#resume()
      const partition = intake.partition({ position, onAdvance: () => positions.changed(path, key) })
      this.#partition = partition
      positions.attach(path, key, () =>
        this.#identity ? [{ ...this.#identity, ...partition.position }] : [],
      )
      await this.#read(position)
    } catch (error) {
      this.#complain(error)
    }
  }

  retire(retiring: boolean): void {
    if (retiring) this.stop()
  }

  stop(): void {
    this.#stopped = true
    this.#pause.end()
  }

  // How far an earlier run's lines of the file were acknowledged.
  async #resume(): Promise<Mark> {
    const { path, key } = this.#options
    const handle = await open(path, 'r')
    try {
      const stats = await handle.stat({ bigint: true })
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
      this.#identity = identityOf(stats, buffer.subarray(0, bytesRead))
    } finally {
      await handle.close()
    }
    const stored = this.#env.positions.stored(path, key)?.generations.at(-1)
    const same = stored !== undefined && (stored.inode === '' || stored.hash === this.#identity.hash)
    return same ? markIn(stored) : BEGINNING
  }

  async #read({ offset, parts }: Mark): Promise<void> {
    const source = decompressed(this.path, this.#decompression.format)
    let assembler: LineAssembler | undefined
    let encoding = this.#options.encoding
    let skipping = offset
    for await (const chunk of source as AsyncIterable<Buffer>) {
      if (this.#stopped) break
      let bytes: Buffer | undefined = chunk
      if (assembler === undefined) {
        const mark = markOf(chunk, 0, chunk.length)
        if (mark !== undefined) encoding = encodingNamed(mark.encoding)
        assembler = new LineAssembler(encoding, this.#options.maxLineBytes, parts)
        if (skipping === 0 && mark !== undefined) {
          this.#mark = { offset: mark.length, anchor: 0 }
          bytes = chunk.subarray(mark.length)
        }
      }
      if (skipping > 0) {
        const passed = Math.min(skipping, bytes.length)
        skipping -= passed
        this.#mark = { offset: this.#mark.offset + passed, anchor: 0 }
        bytes = bytes.subarray(passed)
      }
      for (const segment of assembler.push(bytes)) await this.#deliver(segment)
    }
    if (!this.#stopped) for (const segment of assembler?.end() ?? []) await this.#deliver(segment)
  }

  async #deliver({ bytes, end: last, encoding = UTF8, part, unfinished, ...from }: Segment): Promise<void> {
    const partition = this.#partition!
    for (let { start } = from; start < last;) {
      const endTurn = await partition.turn()
      if (endTurn === undefined) return
      try {
        if (this.#stopped) return
        const end = segmentEnd(bytes, start, last, encoding)
        const mark = { offset: this.#mark.offset + end - start, anchor: anchorOf(bytes, end) }
        this.#mark = unfinished === true ? { ...mark, parts: part } : mark
        const segment = { bytes, start, end, encoding, part: start === from.start ? part : 0 }
        const cut = partition.addSegment(segment, this.#options.labels, this.#mark)
        this.counts.lines += cut.lines
        this.counts.invalid += cut.invalid
        start = end
      } finally {
        endTurn()
      }
    }
  }

  #complain(error: unknown): void {
    const { format } = this.#decompression
    const system = error instanceof Error && 'syscall' in error
    this.#trouble = system
      ? troubleOf(this.path, error)
      : `${this.path} cannot be decompressed as ${format} after byte ${this.#mark.offset} of its text: ${messageOf(error)}; ` +
        'check that the format is right and the file is whole, then restart'
    this.#env.ctx.log.warn(this.#trouble)
  }
}

function decompressed(path: string, format: CompressionFormat): Readable {
  const file = createReadStream(path)
  if (format !== 'bz2') return pipeline(file, format === 'gz' ? createGunzip() : createInflate(), () => {})
  // Loaded on first use, since few need it. It has no types and returns an old-style stream.
  const unbzip2 = require('unbzip2-stream') as () => NodeJS.ReadWriteStream
  const text = new PassThrough()
  const bunzip = unbzip2()
  file.on('error', (error) => text.destroy(error))
  bunzip.on('error', (error) => text.destroy(error))
  text.on('close', () => file.destroy())
  file.pipe(bunzip).pipe(text)
  return text
}

function identityOf(stats: BigIntStats, head: Buffer): Omit<GenerationPosition, 'offset' | 'anchor'> {
  return {
    device: String(stats.dev),
    inode: String(stats.ino),
    head: head.length,
    hash: headHash(head),
    size: Number(stats.size),
    since: 0,
  }
}
