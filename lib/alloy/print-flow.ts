/**
 * The stream of tokens and layout that the printer writes, and the place where comments come back in: it follows
 * the position in the source, and puts each comment before the first token that follows it there.
 */
import type { Comment, File } from './ast.ts'
import { Columns } from './columns.ts'

/**
 * What may come between two tokens. `align` starts a new column, `line` keeps the columns over the line end,
 * `break` ends them.
 */
export type Layout = 'blank' | 'align' | 'line' | 'break' | 'indent' | 'outdent'

interface Place {
  offset: number
  line: number
}

/** At most one empty line in a row. */
const maxLineEnds = 2

/** One printing of one file. Layout waits until the next token, as comments in between change it. */
export class PrintFlow {
  readonly #lineStarts: readonly number[]
  readonly #comments: readonly Comment[]
  /** For each comment where the first of its group starts. */
  readonly #groupStarts: readonly number[]
  readonly #columns = new Columns()
  #nextComment = 0
  #pending: (Layout | 'none')[] = []
  #indent = 0
  #atLineStart = true
  /** The place of the next token in the source: as told, or right after the last one. */
  #place: Place = { offset: 0, line: 1 }
  /** The source line on which the last token or comment ended. */
  #lastLine = 1

  constructor(file: File) {
    this.#comments = file.comments
    const starts = [0]
    const { text } = file.source
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.#lineStarts = starts
    this.#groupStarts = this.#findGroups(text)
  }

  /** The line of an offset in the source, from 1. */
  lineOf(offset: number): number {
    let low = 0
    let high = this.#lineStarts.length
    while (low + 1 < high) {
      const middle = (low + high) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }

  /** Adds layout before the next token. */
  layout(...items: readonly Layout[]): void {
    this.#pending.push(...items)
  }

  /** Writes a token; `offset` is its place in the source, by default right after the last one. */
  token(text: string, offset?: number): void {
    if (offset !== undefined) this.#place = { offset, line: this.lineOf(offset) }
    const place = this.#place
    if (this.#commentBefore(place.offset)) {
      this.#writeComments(place)
      this.#layoutAfterComments(place)
    } else {
      this.#flush(this.#pending.length)
    }
    this.#write(place, text.split('\n'), text.length)
  }

  /** Writes the comments that are left. Returns the whole text, without a final line end. */
  finish(): string {
    this.#writeComments({ offset: Infinity, line: Infinity })
    return this.#columns.finish()
  }

  /** Comments with neither a token nor an empty line between them are a group, and stay together. */
  #findGroups(text: string): number[] {
    const starts: number[] = []
    let previous: Comment | undefined
    for (const comment of this.#comments) {
      const { start } = comment.range
      const joined =
        previous !== undefined &&
        text.slice(previous.range.end, start).trim() === '' &&
        this.lineOf(start) <= this.lineOf(previous.range.end) + 1
      starts.push(joined ? (starts.at(-1) ?? start) : start)
      previous = comment
    }
    return starts
  }

  #commentBefore(offset: number): boolean {
    const start = this.#groupStarts[this.#nextComment]
    return start !== undefined && start <= offset
  }

  #writeComments(next: Place): void {
    for (; this.#commentBefore(next.offset); this.#nextComment++) {
      const comment = this.#comments[this.#nextComment]
      if (comment === undefined) return
      const place = { offset: comment.range.start, line: this.lineOf(comment.range.start) }
      this.#layoutBeforeComment(place, next)
      this.#startLine()
      this.#columns.text(comment.text)
      this.#wrote(place, comment.text.length, comment.text.split('\n').length - 1)
    }
  }

  /** A comment after a token stays on its line; one on a line of its own follows the indentation that is due. */
  #layoutBeforeComment(place: Place, next: Place): void {
    if (this.#columns.isEmpty) return
    if (place.line === this.#lastLine) {
      this.#startLine()
      if (place.line === next.line) this.#columns.blank()
      else this.#columns.tab(true)
      return
    }
    const other = this.#pending.findIndex((item) => item !== 'indent' && item !== 'outdent')
    if (other >= 0) {
      this.#pending[other] = 'none'
      this.#flush(other)
    }
    this.#endLines(place.line - this.#lastLine, true)
  }

  /** After comments only the indentation that is due counts; line ends are taken from the source. */
  #layoutAfterComments(next: Place): void {
    const last = this.#comments[this.#nextComment - 1]
    if (last?.text[1] === '*' && this.lineOf(last.range.start + last.text.length - 1) === next.line) {
      this.#startLine()
      this.#columns.blank()
    }
    const final = this.#pending.includes('break')
    this.#pending = this.#pending.filter((item) => item === 'indent' || item === 'outdent')
    this.#flush(this.#pending.length)
    this.#endLines(next.line - this.#lastLine, final)
  }

  #flush(count: number): void {
    for (const item of this.#pending.splice(0, count)) {
      if (item === 'indent') this.#indent++
      else if (item === 'outdent') this.#indent--
      else if (item === 'line' || item === 'break') this.#endLines(1, item === 'break')
      else if (item !== 'none') {
        this.#startLine()
        if (item === 'blank') this.#columns.blank()
        else this.#columns.tab(false)
      }
    }
  }

  #endLines(count: number, final: boolean): void {
    if (count <= 0) return
    this.#startLine()
    for (let at = 0; at < Math.min(count, maxLineEnds); at++) this.#columns.line(final)
    this.#atLineStart = true
  }

  #startLine(): void {
    if (!this.#atLineStart) return
    for (let at = 0; at < this.#indent; at++) this.#columns.tab(true)
    this.#atLineStart = false
  }

  /** The lines of a raw string are lines of the output too, but get no indentation: it would change the string. */
  #write(place: Place, lines: readonly string[], length: number): void {
    this.#startLine()
    for (const [at, line] of lines.entries()) {
      if (at > 0) this.#columns.line(false)
      this.#columns.text(line)
    }
    this.#wrote(place, length, lines.length - 1)
  }

  #wrote(place: Place, length: number, lineEnds: number): void {
    this.#place = { offset: place.offset + length, line: place.line + lineEnds }
    this.#lastLine = this.#place.line
  }
}
