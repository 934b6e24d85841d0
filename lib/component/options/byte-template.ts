/** Templates of texts and fields over the rows of columns: what they make is put together from bytes. */
import { LogstreamError } from '../../errors.ts'
import { ByteMemo } from '../../flow/byte-memo.ts'
import type { Columns } from '../../flow/columns.ts'
import { ValueReader } from '../../flow/value-reader.ts'
import type { Template } from '../../go/template/gotemplate.ts'
import { MAX_OUTPUT } from '../../go/template/limits.ts'
import type { TemplatePart } from '../../go/template/parts.ts'

/** Functions of longer values are left to the template, which bounds what it does. */
const LONGEST_ARGUMENT = 1024

/** A part as it is used for rows. Either `text`, or the value of `reader`, or the line if there is neither. */
interface Piece {
  readonly text: Uint8Array | undefined
  readonly reader: ValueReader | undefined
  /** `undefined` for a value on which the function fails, or that isn't UTF-8 afterwards. */
  readonly changed: ByteMemo<Uint8Array | undefined> | undefined
  /** What was found for a row: bytes, or those of the columns. */
  found: Uint8Array | undefined
  from: number
  to: number
}

export class ByteTemplate {
  readonly #pieces: Piece[]
  #columns: Columns | undefined

  private constructor(pieces: Piece[]) {
    this.#pieces = pieces
  }

  /** `source` names the value that is `.Value`. `undefined` for a template that has to be run as a whole. */
  static of(template: Template, source: string): ByteTemplate | undefined {
    const pieces = template.parts()?.map((part) => pieceOf(part, source))
    return pieces && new ByteTemplate(pieces)
  }

  /** Turns to other columns, as they are now. */
  begin(columns: Columns): void {
    this.#columns = columns
    for (const { reader } of this.#pieces) reader?.begin(columns)
  }

  /** Adds the result for a row to the end of the bytes. Returns `false`, and adds nothing, where the template has to be run. */
  append(row: number): boolean {
    const columns = this.#columns!
    const pieces = this.#pieces
    let size = 0
    for (let i = 0; i < pieces.length; i++) {
      const bytes = find(pieces[i]!, columns, row)
      if (bytes < 0) return false
      size += bytes
    }
    if (size > MAX_OUTPUT) return false
    for (let i = 0; i < pieces.length; i++) {
      const { found, from, to } = pieces[i]!
      if (found === undefined) columns.append(from, to)
      else columns.appendBytes(found)
    }
    return true
  }
}

// Returns the bytes of a piece; -1: the template has to be run.
function find(piece: Piece, columns: Columns, row: number): number {
  const { text, reader, changed } = piece
  if (text !== undefined) return text.length
  if (reader === undefined) {
    piece.from = columns.starts[row]!
    piece.to = columns.ends[row]!
  } else if (reader.inBytes(row)) {
    piece.from = reader.from
    piece.to = reader.to
  } else return -1
  const size = piece.to - piece.from
  if (changed === undefined) return size
  piece.found = size > LONGEST_ARGUMENT ? undefined : changed.of(columns, piece.from, piece.to)
  return piece.found === undefined ? -1 : piece.found.length
}

function pieceOf(part: TemplatePart, source: string): Piece {
  if (typeof part === 'string') {
    const text = Buffer.from(part)
    return { text, reader: undefined, changed: undefined, found: text, from: 0, to: 0 }
  }
  const { name, change } = part
  const reader = name === 'Entry' ? undefined : new ValueReader(name === 'Value' ? source : name)
  const changed = change && new ByteMemo((text) => utf8Of(change, text))
  return { text: undefined, reader, changed, found: undefined, from: 0, to: 0 }
}

// Bytes that aren't UTF-8 may complete a character with those of the next part.
function utf8Of(change: (text: string) => string, text: string): Uint8Array | undefined {
  try {
    const result = change(text)
    return result.includes('\ufffd') ? undefined : Buffer.from(result)
  } catch (error) {
    if (error instanceof LogstreamError) return undefined
    throw error
  }
}
