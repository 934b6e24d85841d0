/** `stage.cri`: unpacks the lines of container run-times (containerd, CRI-O) and joins the partial ones. */
import { mergeAcks, type Ack } from '../lib/flow/ack.ts'
import type { Stage, StageContext } from '../lib/component/component.ts'
import type { Entry } from '../lib/flow/entry.ts'
import { shapeOf } from '../lib/flow/extracted.ts'
import { flag, integer, optional, unsigned, type OptionsOf } from '../lib/component/fields.ts'
import { dropped } from '../lib/flow/outcome.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import type { Counter } from '../lib/telemetry/metrics.ts'
import { parseCri, type CriLine } from '../lib/formats/cri.ts'
import { compileTimeFormat } from '../lib/go/time/formats.ts'
import { cutBytes, longerThan } from '../lib/go/strings/bytes.ts'

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

const parseTime = compileTimeFormat('RFC3339Nano')

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
    if (this.#partials.size === 0) return entry
    const before = this.#partials.get(entry.labels.key)
    if (before === undefined) return entry
    this.#partials.delete(entry.labels.key)
    entry.line = before.entry.line + entry.line
    this.#cut(entry)
    before.acks.push(entry.ack)
    return owing(entry, before.acks)
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
  const at = parseTime(time)
  if (at === undefined) return
  entry.seconds = at.seconds
  entry.nanos = at.nanos
}
