/** One run of journalctl: its lines become entries, as fast as they are taken. */
import type { Clock } from '../../flow/clock.ts'
import { dropped } from '../../flow/outcome.ts'
import { UTF8 } from '../../intake/encoding.ts'
import { LineAssembler } from '../../intake/line-assembler.ts'
import type { Segment } from '../../intake/lines.ts'
import type { Partition } from '../../intake/partition.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { Counter, Counters } from '../../telemetry/metrics.ts'
import type { MadeEntry } from './entry-maker.ts'
import { startJournalctl, type Journalctl, type JournalQuery } from './journalctl.ts'
import { parseRecord, type JournalRecord } from './record.ts'

export interface JournalCounters {
  readonly lines: Counter
  /** By `error`: `no_message`, `empty_labels`, and ours: `not_json`, `too_long`. */
  readonly errors: Counters
}

export interface JournalReaderOptions {
  readonly partition: Partition<string | undefined>
  readonly make: (record: JournalRecord) => MadeEntry
  readonly counters: JournalCounters
  readonly log: Logger
  readonly clock: Clock
}

/** The longest record, as JSON. A field of bytes takes four times its length. */
const LONGEST_RECORD_BYTES = 64 * 1024 * 1024
/** journalctl that has run for so long without a word reads. */
const QUIET_MS = 1000

export class JournalReader {
  readonly #options: JournalReaderOptions
  #child: Journalctl | undefined
  #stopped = false
  /** The cursor of the last record: where a record that can't be read is passed over. */
  #cursor: string | undefined

  constructor(options: JournalReaderOptions) {
    this.#options = options
  }

  /** Reads until journalctl ends, and returns why it did. `works` is called once it is known to read. */
  async read(query: JournalQuery, works: () => void): Promise<string> {
    this.#cursor = query.from
    const child = startJournalctl(query)
    this.#child = child
    if (this.#stopped) child.kill()
    const quiet = this.#options.clock.after(QUIET_MS, works)
    try {
      await this.#readLines(child, () => {
        quiet.cancel()
        works()
      })
    } finally {
      quiet.cancel()
      child.kill()
    }
    return await child.ended
  }

  /** Ends the run. What was read goes its way. */
  stop(): void {
    this.#stopped = true
    this.#child?.kill()
  }

  async #readLines({ output }: Journalctl, first: () => void): Promise<void> {
    const assembler = new LineAssembler(UTF8, LONGEST_RECORD_BYTES)
    let begun = false
    for await (const chunk of output as AsyncIterable<Buffer>) {
      if (!begun) first()
      begun = true
      for (const segment of assembler.push(chunk)) this.#segment(segment)
      const room = this.#options.partition.room()
      if (room !== undefined) await room
      if (this.#stopped) return
    }
    // The rest of a record that was being written when journalctl ended is read again.
  }

  #segment({ bytes, start, end, part = 0 }: Segment): void {
    const { counters, partition, log } = this.#options
    if (part > 0) {
      if (part > 1) return
      log.warn('a record of the journal is too long and left out', { bytes: LONGEST_RECORD_BYTES })
      counters.errors.add('too_long')
      return partition.reject(dropped('too_long'), this.#cursor)
    }
    for (const line of bytes.toString('utf8', start, end).split('\n')) if (line !== '') this.#line(line)
  }

  #line(line: string): void {
    const { counters, partition, make, log } = this.#options
    const record = parseRecord(line)
    if (record === undefined) {
      log.warn('journalctl printed a line that is not a record', { line: line.slice(0, 200) })
      counters.errors.add('not_json')
      return partition.reject(dropped('not_json'), this.#cursor)
    }
    // The entry that reading begins with was read before.
    if (record.cursor === this.#cursor) return
    this.#cursor = record.cursor
    const made = make(record)
    if (typeof made === 'string') {
      counters.errors.add(made)
      return partition.reject(dropped(made), record.cursor)
    }
    partition.add(made.line, made.labels, record.cursor, record.time)
    counters.lines.value++
  }
}
