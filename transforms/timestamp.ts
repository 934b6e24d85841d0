/** `stage.timestamp`: an extracted value becomes the entry's time. */
import type { EntryStage } from '../lib/component/component.ts'
import type { Entry } from '../lib/flow/entry.ts'
import { textOf } from '../lib/flow/extracted.ts'
import { list, optional, optionalText, required, text, type OptionsOf } from '../lib/component/fields.ts'
import { EMPTY_LABELS, type LabelSet } from '../lib/flow/labels.ts'
import { ValueReader } from '../lib/flow/value-reader.ts'
import { Lru } from '../lib/lru.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { ByteTimes } from '../lib/go/time/time-bytes.ts'
import type { Instant } from '../lib/go/time/instant.ts'
import { loadZone } from '../lib/go/time/zone.ts'

/** Label sets whose last time is remembered, as in Alloy. */
const REMEMBERED_SETS = 10_000

const fields = {
  source: required(text, 'Extracted value that holds the time.'),
  format: required(text, 'A name (RFC3339, UnixMs, ...) or a Go layout such as "2006-01-02 15:04:05.000".'),
  fallback_formats: optional(list(text), [], 'Formats to try in order when format does not fit.'),
  location: optional(
    optionalText,
    undefined,
    'IANA time zone of layouts without a zone; left out: UTC. Named formats do not use it.',
  ),
  action_on_failure: optional(
    text,
    '',
    'Without a time: "fudge" (default) takes the last one of the label set plus 1ns, "skip" leaves the entry as it is.',
    ['', 'fudge', 'skip'],
  ),
  action_on_duplicate_timestamp: optional(
    text,
    '',
    'Equal times in a row of one label set: "fudge" (default) adds 1ns each, "keep" leaves them.',
    ['', 'fudge', 'keep'],
  ),
}

/** An entry, as far as its time is concerned. */
type Stamped = Pick<Entry, 'seconds' | 'nanos' | 'labels'>

/** What was last read for a label set, and what the entry then got. */
interface Remembered {
  parsedSeconds: number
  parsedNanos: number
  seconds: number
  nanos: number
}

/**
 * No two entries of one label set get the same time unless asked for, since Loki keeps only one of two equal entries.
 *
 * @example
 * timestamp({ source: 'ts', format: 'RFC3339Nano', fallback_formats: ['UnixMs'] })
 */
export const timestamp = defineStage({
  name: 'timestamp',
  summary: 'Sets the timestamp from an extracted value.',
  fields,
  explain: {
    misfit: (options) => {
      const times = timesOf(options, () => Date.now())
      return ({ extracted }) => {
        const value = textOf(extracted.get(options.source))
        if (value === undefined) return undefined
        return times.parse(value) !== undefined || 'the time does not fit the format'
      }
    },
  },
  create: (options, ctx): EntryStage => {
    const { source } = options
    const times = timesOf(options, () => ctx.clock.now())
    const memory = new Memory(
      options.action_on_failure !== 'skip',
      options.action_on_duplicate_timestamp !== 'keep',
    )
    const set = (stamped: Stamped, time: Instant | undefined): void => {
      if (time === undefined) return memory.fail(stamped)
      stamped.seconds = time.seconds
      stamped.nanos = time.nanos
      memory.remember(stamped)
    }
    const parse = (value: string | undefined): Instant | undefined =>
      value === undefined ? undefined : times.parse(value)
    const reader = new ValueReader(source)
    return {
      each: (entry) => {
        set(entry, parse(textOf(entry.extracted.get(source))))
        return undefined
      },
      kernel: (columns) => {
        reader.begin(columns)
        const { rows, count, bytes, seconds, nanos } = columns
        const stamped: Stamped = { seconds: 0, nanos: 0, labels: EMPTY_LABELS }
        for (let i = 0; i < count; i++) {
          const row = rows[i]!
          stamped.seconds = seconds[row]!
          stamped.nanos = nanos[row]!
          stamped.labels = columns.labels(row)
          if (!reader.inBytes(row)) set(stamped, parse(reader.text(row)))
          else set(stamped, times.read(bytes, reader.from, reader.to) ? times : undefined)
          seconds[row] = stamped.seconds
          nanos[row] = stamped.nanos
        }
      },
    }
  },
})

function timesOf(
  { source, format, fallback_formats, location }: OptionsOf<typeof fields>,
  now: () => number,
): ByteTimes {
  if (source === '') throw badOption('source', 'source is empty: name the value that holds the time')
  if (format === '') throw badOption('format', 'format is empty: write a name such as RFC3339, or a layout')
  const zone = location === undefined ? undefined : loadZone(location)
  if (location !== undefined && zone === undefined)
    throw badOption('location', `"${location}" is not a time zone: expected a name such as Europe/Zurich`)
  return new ByteTimes([format, ...fallback_formats], { zone, now })
}

/** The last times of each label set. */
class Memory {
  readonly #onFailure: boolean
  readonly #onDuplicate: boolean
  readonly #byLabels = new Lru<string, Remembered>(REMEMBERED_SETS)
  #lastSet: LabelSet | undefined
  #last: Remembered | undefined

  constructor(onFailure: boolean, onDuplicate: boolean) {
    this.#onFailure = onFailure
    this.#onDuplicate = onDuplicate
  }

  /** Remembers the time that was read, and moves the entry on if it is that of the last one. */
  remember(entry: Stamped): void {
    if (!this.#onFailure && !this.#onDuplicate) return
    const { seconds, nanos } = entry
    const known = this.#find(entry.labels)
    if (known === undefined) {
      this.#last = { parsedSeconds: seconds, parsedNanos: nanos, seconds, nanos }
      this.#byLabels.set(entry.labels.key, this.#last)
      return
    }
    if (this.#onDuplicate && seconds === known.parsedSeconds && nanos === known.parsedNanos)
      return advance(entry, known)
    known.parsedSeconds = known.seconds = seconds
    known.parsedNanos = known.nanos = nanos
  }

  /** Sets an entry without a time to 1 ns after the last one of its labels, if there was one. */
  fail(entry: Stamped): void {
    if (!this.#onFailure) return
    const known = this.#find(entry.labels)
    if (known !== undefined) advance(entry, known)
  }

  // Neighbours mostly have the same labels: then there is nothing to look up, nor to move to the end.
  #find(labels: LabelSet): Remembered | undefined {
    if (labels !== this.#lastSet) {
      this.#lastSet = labels
      this.#last = this.#byLabels.get(labels.key)
    }
    return this.#last
  }
}

function advance(entry: Stamped, known: Remembered): void {
  if (++known.nanos === 1_000_000_000) {
    known.nanos = 0
    known.seconds++
  }
  entry.seconds = known.seconds
  entry.nanos = known.nanos
}
