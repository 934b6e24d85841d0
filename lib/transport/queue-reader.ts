/** Reads a queue's files in order into a partition, and has those deleted that have been delivered. */
import { open, type FileHandle } from 'node:fs/promises'
import type { Cursors, Cursor } from '../disk/cursors.ts'
import { codeOf } from '../disk/atomic.ts'
import { Entry } from '../flow/entry.ts'
import { labelSet } from '../flow/labels.ts'
import { dropped } from '../flow/outcome.ts'
import { Signal } from '../flow/signal.ts'
import type { Intake } from '../intake/intake.ts'
import type { Partition } from '../intake/partition.ts'
import { queueFile, queueFiles } from './queue-folder.ts'
import { parseRecord, type LogRecord } from './record.ts'

/** File and offset up to which everything has been delivered. */
type Place = readonly [file: number, offset: number]

const KEY = 'queue'
const NEWLINE = 10
const CHUNK_BYTES = 256 * 1024
const TORN = dropped('torn_record')

export interface QueueReaderOptions {
  readonly folder: string
  readonly intake: Intake
  readonly cursors: Cursors
  /** Called when something has been delivered, with the number of the file that comes next. */
  readonly onDelivered: (number: number) => void
}

export class QueueReader {
  readonly #options: QueueReaderOptions
  readonly #partition: Partition<Place>
  readonly #changed = new Signal()
  /** Counts appends, so that none is missed while a file is read. */
  #version = 0
  #ended = false
  #stopped = false
  /** Where `run` came to its end. */
  #finished: Place | undefined

  constructor(options: QueueReaderOptions) {
    const { intake, cursors, onDelivered } = options
    this.#options = options
    const stored = cursors.get(KEY)
    this.#partition = intake.partition<Place>({
      position: stored !== undefined && isPlace(stored) ? stored : [0, 0],
      onAdvance: ([number]) => {
        cursors.changed(KEY)
        onDelivered(number)
      },
    })
    cursors.attach(KEY, () => [...this.#partition.position])
  }

  /** Something was appended. */
  notify(): void {
    this.#version++
    this.#changed.notify()
  }

  /** Nothing more is appended: `run` resolves at the end of what is there. */
  end(): void {
    this.#ended = true
    this.notify()
  }

  /** Reads no further. */
  stop(): void {
    this.#stopped = true
    this.notify()
  }

  /** Reads until the end. Rejects with the system's error. */
  async run(): Promise<void> {
    const { folder } = this.#options
    let [number, offset] = this.#partition.position
    while (!this.#stopped) {
      // Looked at before the file is read: what comes later is found in the next round.
      const version = this.#version
      const ended = this.#ended
      const next = queueFiles(folder).find((each) => each > number)
      offset = await this.#readFile(number, offset, next !== undefined || ended)
      if (next !== undefined) {
        number = next
        offset = 0
        this.#partition.skip([number, offset])
      } else if (ended) {
        this.#finished = [number, offset]
        return
      } else await this.#changed.until(() => this.#version !== version)
    }
  }

  /** Whether all that there is has been read and delivered. */
  get done(): boolean {
    const [number, offset] = this.#partition.position
    return this.#finished !== undefined && number === this.#finished[0] && offset === this.#finished[1]
  }

  /** Reads to the present end of a file; returns the offset after its last whole line. */
  async #readFile(number: number, start: number, whole: boolean): Promise<number> {
    const file = await openIfThere(queueFile(this.#options.folder, number))
    if (file === undefined) return start
    let offset = start
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    try {
      while (!this.#stopped) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, offset)
        const end = buffer.lastIndexOf(NEWLINE, bytesRead - 1) + 1
        if (bytesRead === 0) break
        if (end > 0) offset = await this.#take(buffer, end, number, offset)
        // A record may be longer than the buffer.
        else if (bytesRead === buffer.length) buffer = Buffer.allocUnsafe(2 * buffer.length)
        else {
          if (whole) this.#partition.reject(TORN, [number, (offset += bytesRead)])
          break
        }
      }
    } finally {
      await file.close()
    }
    return offset
  }

  async #take(buffer: Buffer, end: number, number: number, start: number): Promise<number> {
    for (let at = 0; at < end;) {
      const stop = buffer.indexOf(NEWLINE, at)
      const record = parseRecord(buffer.toString('utf8', at, stop))
      at = stop + 1
      const place: Place = [number, start + at]
      if (record === undefined) this.#partition.reject(TORN, place)
      else this.#partition.addEntry(entryOf(record), place)
    }
    await this.#partition.room()
    return start + end
  }
}

function entryOf({ time, nanos, labels, line, metadata }: LogRecord): Entry {
  const ms = Math.floor(time)
  const seconds = Math.floor(ms / 1000)
  const entry = new Entry(seconds, (ms - seconds * 1000) * 1e6 + nanos, line, labelSet(labels))
  entry.structuredMetadata = metadata
  return entry
}

function isPlace(stored: Cursor): stored is Place {
  return Array.isArray(stored) && stored.length === 2 && stored.every((each) => Number.isSafeInteger(each))
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
