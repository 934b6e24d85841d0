/** `stage.multiline`: lines that belong together, such as a stack trace, become one entry. */
import { mergeAcks, type Ack } from '../lib/flow/ack.ts'
import type { Context, Stage } from '../lib/component/component.ts'
import type { Entry } from '../lib/flow/entry.ts'
import {
  duration,
  flag,
  optional,
  required,
  text,
  unsigned,
  type OptionsOf,
} from '../lib/component/fields.ts'
import { badOption, patternOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import type { Regexp } from '../lib/go/regexp/regexp.ts'

const fields = {
  firstline: required(text, 'RE2 expression that matches the first line of a block, not anchored.'),
  max_lines: optional(unsigned, 128, 'Lines of a block; what follows is another block. 0: no limit.'),
  max_wait_time: optional(duration, 3000, 'A block is done when no line has come for this long.'),
  trim_newlines: optional(flag, true, 'Removes line ends (CR, LF) from the lines before joining them.'),
}

type Options = OptionsOf<typeof fields>

/** What is collected for one label set. */
interface Block {
  /** Its labels, time and all else become the block's; kept after `max_lines` for the rest of the same block. */
  first: Entry
  text: string
  lines: number
  /** What the lines owe: they end as the block does. */
  acks: Ack[]
  /** Milliseconds. */
  lastSeen: number
}

/**
 * Blocks are kept per label set, and the result has the labels, time and extracted values of its first line. Lines
 * before the first block of a label set, and after one that was done by waiting, pass unchanged.
 *
 * @example
 * multiline({ firstline: '^\\d{4}-\\d{2}-\\d{2}', max_wait_time: '1s' })
 */
export const multiline = defineStage({
  name: 'multiline',
  summary: 'Joins lines that belong together into one entry.',
  fields,
  create: (options, ctx): Stage => {
    if (options.firstline === '')
      throw badOption('firstline', 'firstline is empty: write an expression that matches a first line')
    if (options.max_wait_time <= 0) throw badOption('max_wait_time', 'max_wait_time must be more than "0s"')
    return new Multiline(options, patternOption('firstline', options.firstline), ctx)
  },
})

class Multiline implements Stage {
  readonly #options: Options
  readonly #firstLine: Regexp
  readonly #ctx: Context
  readonly #blocks = new Map<string, Block>()
  /** No block is due before this time; the blocks are searched again only once it has come. */
  #nearest: number | undefined

  constructor(options: Options, firstLine: Regexp, ctx: Context) {
    this.#options = options
    this.#firstLine = firstLine
    this.#ctx = ctx
  }

  run(entries: Entry[]): Entry[] {
    const now = this.#ctx.clock.now()
    const out: Entry[] = []
    for (let i = 0; i < entries.length; i++) this.#take(entries[i]!, now, out)
    return out
  }

  flush(): Entry[] {
    const out: Entry[] = []
    for (const block of this.#blocks.values()) finish(block, out)
    this.#blocks.clear()
    this.#nearest = undefined
    return out
  }

  // Never further away than one wait: the clock may have been set back since.
  dueAt(): number | undefined {
    if (this.#nearest === undefined) return undefined
    return Math.min(this.#nearest, this.#ctx.clock.now() + this.#options.max_wait_time)
  }

  tick(): Entry[] {
    const now = this.#ctx.clock.now()
    const out: Entry[] = []
    this.#nearest = undefined
    for (const [key, block] of this.#blocks) {
      if (this.#isDue(block, now)) {
        finish(block, out)
        this.#blocks.delete(key)
      } else this.#wakeFor(block)
    }
    return out
  }

  #take(entry: Entry, now: number, out: Entry[]): void {
    const { key } = entry.labels
    const isFirst = this.#firstLine.test(entry.line)
    let block = this.#blocks.get(key)
    if (block !== undefined && this.#isDue(block, now)) {
      finish(block, out)
      this.#blocks.delete(key)
      block = undefined
    }
    if (block === undefined) {
      if (!isFirst) return void out.push(entry)
      block = { first: entry, text: '', lines: 0, acks: [], lastSeen: now }
      this.#blocks.set(key, block)
    } else if (isFirst) {
      finish(block, out)
      block.first = entry
    }
    this.#append(block, entry, now)
    if (block.lines === this.#options.max_lines) finish(block, out, true)
  }

  #append(block: Block, entry: Entry, now: number): void {
    const line = this.#options.trim_newlines ? withoutLineEnds(entry.line) : entry.line
    block.text = block.text === '' ? line : `${block.text}\n${line}`
    block.lines++
    block.acks.push(entry.ack)
    block.lastSeen = now
    if (this.#nearest === undefined) this.#wakeFor(block)
  }

  #isDue(block: Block, now: number): boolean {
    if (now < block.lastSeen) block.lastSeen = now
    return now - block.lastSeen >= this.#options.max_wait_time
  }

  #wakeFor(block: Block): void {
    const due = block.lastSeen + this.#options.max_wait_time
    if (this.#nearest === undefined || due < this.#nearest) this.#nearest = due
  }
}

// `more`: lines of the same block may follow, so its first entry is still needed.
function finish(block: Block, out: Entry[], more = false): void {
  if (block.lines === 0) return
  const ack = mergeAcks(block.acks)
  const entry = more ? block.first.clone(ack) : block.first
  entry.ack = ack
  entry.line = block.text
  out.push(entry)
  block.text = ''
  block.lines = 0
  block.acks = []
}

function withoutLineEnds(line: string): string {
  let end = line.length
  while (end > 0 && (line.charCodeAt(end - 1) === 10 || line.charCodeAt(end - 1) === 13)) end--
  return end === line.length ? line : line.slice(0, end)
}
