/** `stage.cri`: unpacks the lines of container run-times (containerd, CRI-O) and joins the partial ones. */
import { mergeAcks, type Ack } from '../lib/flow/ack.ts'
import type { Stage, StageContext } from '../lib/component/component.ts'
import { entriesOf } from '../lib/flow/batch.ts'
import type { Cells } from '../lib/flow/cells.ts'
import type { Columns } from '../lib/flow/columns.ts'
import { Entry } from '../lib/flow/entry.ts'
import { shapeOf } from '../lib/flow/extracted.ts'
import { flag, integer, optional, unsigned, type OptionsOf } from '../lib/component/fields.ts'
import type { LabelSet } from '../lib/flow/labels.ts'
import { dropped } from '../lib/flow/outcome.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import type { Counter } from '../lib/telemetry/metrics.ts'
import { cutCri, isStderrAt, parseCri, type CriLine } from '../lib/formats/cri.ts'
import { ByteTimes } from '../lib/go/time/time-bytes.ts'
import { cutBytes, hasLoneSurrogate, longerThan } from '../lib/go/strings/bytes.ts'

const fields = {
  max_partial_lines: optional(
    integer,
    100,
    'Label sets that may wait for the rest of a line; one more, and all are passed on as they are.',
  ),
  max_partial_line_size: optional(unsigned, 0, 'Bytes of a joined line, where it is cut.'),
  max_partial_line_size_truncate: optional(flag, false, 'Cuts joined lines to max_partial_line_size.'),
}

type Options = OptionsOf<typeof fields>

const times = new ByteTimes(['RFC3339Nano'])

const SHAPE = shapeOf(['flags', 'stream', 'content', 'time'])

/** Ends what still waits for its rest when the input ends: as in Alloy it does not go on, but it is accounted for. */
const UNFINISHED = dropped('cri_partial_line')

/**
 * The line becomes its content, `stream` a label, the time the timestamp if it is RFC 3339; `flags`, `stream`,
 * `content` and `time` are extracted. Partial lines wait per label set for the line that ends them, which gives time
 * and extracted values. Lines in another format pass unchanged.
 *
 * @example
 * cri({})
 */
export const cri = defineStage({
  name: 'cri',
  summary: 'Unpacks lines of container run-times (CRI) and joins partial ones.',
  fields,
  explain: {
    misfit:
      () =>
      ({ line }) =>
        parseCri(line) !== undefined || 'not a CRI line',
  },
  create: (options, ctx): Stage => {
    if (options.max_partial_lines <= 0)
      throw badOption('max_partial_lines', 'max_partial_lines must be more than 0')
    return new Cri(options, ctx)
  },
})

/** The joined text so far is the entry's line. */
interface PartialLine {
  readonly entry: Entry
  readonly acks: Ack[]
}

class Cri implements Stage {
  readonly #options: Options
  readonly #flushed: Counter
  readonly #truncated: Counter
  readonly #drop: StageContext['drop']
  readonly #partials = new Map<string, PartialLine>()

  constructor(options: Options, ctx: StageContext) {
    this.#options = options
    this.#drop = ctx.drop
    this.#flushed = ctx.metrics.counter(
      'loki_process_cri_partial_lines_flushed_total',
      'A count of partial lines that were flushed prematurely due to the max_partial_lines limit being exceeded',
    )
    this.#truncated = ctx.metrics.counter(
      'loki_process_cri_lines_truncated_total',
      'A count of lines that were truncated due to the max_partial_line_size limit',
    )
  }

  run(entries: Entry[]): Entry[] {
    const out: Entry[] = []
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!
      const parsed = parseCri(entry.line)
      if (parsed === undefined) {
        out.push(entry)
        continue
      }
      unpack(entry, parsed)
      if (parsed.partial) this.#keep(entry, out)
      else out.push(this.#complete(entry))
    }
    return out
  }

  /** Partial lines leave the columns and wait as entries, as they do in `run`. */
  runColumns(columns: Columns): Columns | Entry[] {
    const cells = columns.newCells(SHAPE)
    const { rows, count, bytes, starts, ends } = columns
    const partial: number[] = []
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      const found = cutCri(bytes, starts[row]!, ends[row]!, cells.spans, row * cells.width)
      if (found === 'other') return this.run(entriesOf(columns))
      if (found === 'partial') partial.push(row)
      cells.filled[row] = found === 'full' ? 1 : 0
    }
    if (partial.length === 0 && this.#partials.size === 0) unpackRows(columns, cells)
    else if (!this.#joinsBytes(columns)) return this.run(entriesOf(columns))
    else this.#joinRows(columns, cells, partial)
    return columns
  }

  // Whether no line has to be cut, which may leave half a character, and none can become one too many.
  #joinsBytes({ sets }: Columns): boolean {
    const { max_partial_lines, max_partial_line_size_truncate } = this.#options
    if (max_partial_line_size_truncate || this.#partials.size + 2 * sets.length >= max_partial_lines)
      return false
    for (const { entry } of this.#partials.values()) if (hasLoneSurrogate(entry.line)) return false
    return true
  }

  #joinRows(columns: Columns, cells: Cells, partial: readonly number[]): void {
    const waiting = partial.map((row) => {
      const entry = Entry.copyOfRow(columns, row)
      unpack(entry, parseCri(entry.line)!)
      return entry
    })
    unpackRows(columns, cells)
    let next = 0
    columns.filter((row) => {
      if (row === partial[next]) {
        this.#keep(waiting[next++]!, [])
        return false
      }
      const before = cells.filled[row] === 1 ? this.#taken(columns.labels(row)) : undefined
      if (before === undefined) return true
      columns.setLine(row, before.entry.line + columns.line(row))
      columns.owe(row, mergeAcks([...before.acks, columns.ackOf(row)]))
      return true
    })
  }

  flush(): Entry[] {
    for (const { acks } of this.#partials.values()) for (const ack of acks) this.#drop(ack, UNFINISHED)
    this.#partials.clear()
    return []
  }

  #keep(entry: Entry, out: Entry[]): void {
    const { key } = entry.labels
    if (this.#partials.size >= this.#options.max_partial_lines) {
      this.#flushed.value += this.#partials.size
      for (const partial of this.#partials.values()) out.push(owing(partial.entry, partial.acks))
      this.#partials.clear()
    }
    const before = this.#partials.get(key)
    if (before !== undefined) entry.line = before.entry.line + entry.line
    this.#cut(entry)
    const acks = before?.acks ?? []
    acks.push(entry.ack)
    this.#partials.set(key, { entry, acks })
  }

  #complete(entry: Entry): Entry {
    const before = this.#taken(entry.labels)
    if (before === undefined) return entry
    entry.line = before.entry.line + entry.line
    this.#cut(entry)
    before.acks.push(entry.ack)
    return owing(entry, before.acks)
  }

  // What waits for a line with these labels, and no longer does.
  #taken({ key }: LabelSet): PartialLine | undefined {
    if (this.#partials.size === 0) return undefined
    const before = this.#partials.get(key)
    if (before !== undefined) this.#partials.delete(key)
    return before
  }

  #cut(entry: Entry): void {
    const { max_partial_line_size, max_partial_line_size_truncate } = this.#options
    if (!max_partial_line_size_truncate || !longerThan(entry.line, max_partial_line_size)) return
    entry.line = cutBytes(entry.line, max_partial_line_size)
    this.#truncated.value++
  }
}

function owing(entry: Entry, acks: readonly Ack[]): Entry {
  entry.ack = mergeAcks(acks)
  return entry
}

function unpack(entry: Entry, { time, stream, partial, content }: CriLine): void {
  entry.extracted.setRow(SHAPE, [partial ? 'P' : 'F', stream, content, time])
  entry.line = content
  entry.labels = entry.labels.with('stream', stream)
  const at = times.parse(time)
  if (at === undefined) return
  entry.seconds = at.seconds
  entry.nanos = at.nanos
}

// The cells of a full line, in the order of SHAPE, as `unpack` sets them.
function unpackRows(columns: Columns, cells: Cells): void {
  const { rows, count, starts, seconds, nanos, sets } = columns
  const { spans, width, filled } = cells
  columns.addLayer(cells)
  const set = columns.writableSet()
  const next = new Map<number, number>()
  const flags = cells.shared('F')
  for (let i = 0; i < count; i++) {
    const row = rows[i]!
    if (filled[row] === 0) continue
    const at = row * width
    spans[at] = flags
    starts[row] = spans[at + 4]!
    const isStderr = isStderrAt(columns.bytes, spans[at + 2]!)
    const key = set[row]! * 2 + (isStderr ? 1 : 0)
    let to = next.get(key)
    if (to === undefined) {
      const labels = columns.labels(row).with('stream', isStderr ? 'stderr' : 'stdout')
      next.set(key, (to = sets.push(labels) - 1))
    }
    set[row] = to
    if (!times.read(columns.bytes, spans[at + 6]!, spans[at + 7]!)) continue
    seconds[row] = times.seconds
    nanos[row] = times.nanos
  }
}
