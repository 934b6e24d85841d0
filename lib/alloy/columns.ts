/**
 * Aligns text in columns, with the elastic tab stops that `alloy fmt` gets from Go's text/tabwriter
 * (https://pkg.go.dev/text/tabwriter): a column is as wide as the widest of the neighbouring lines that have it.
 */

interface Cell {
  text: string
  /** The part of `text` from the start that isn't cut when the line ends with blanks. */
  kept: number
  /** In characters (code points), not in UTF-16 units. */
  width: number
  /** Ended by an indentation tab. A column of empty cells without one takes no room. */
  indent: boolean
}

const tabWidth = 8
const padding = 1

/** Lines of cells, written from left to right. Only cells that a tab ends belong to a column. */
export class Columns {
  #out = ''
  #lines: Cell[][] = [[]]
  #cell = emptyCell()

  /** Whether nothing has been written yet. */
  get isEmpty(): boolean {
    return (
      this.#out === '' && this.#lines.length === 1 && this.#lines[0]?.length === 0 && this.#cell.text === ''
    )
  }

  /** Adds a piece to the current cell. It may hold line ends; it is never changed. */
  text(piece: string): void {
    this.#cell.text += piece
    this.#cell.kept = this.#cell.text.length
    this.#cell.width += countCharacters(piece)
  }

  /** Adds a space, which disappears at a line end. */
  blank(): void {
    this.#cell.text += ' '
    this.#cell.width++
  }

  /** Ends the cell. An indentation makes a column even where all its cells are empty. */
  tab(indent: boolean): void {
    this.#cell.indent = indent
    this.#endCell()
  }

  /** Ends the line. Columns don't go on over a line that has none, nor over a `final` line end. */
  line(final: boolean): void {
    this.#endCell()
    const cells = this.#lines.at(-1)?.length ?? 0
    this.#lines.push([])
    if (final || cells === 1) this.#render()
  }

  /** Everything that was written. */
  finish(): string {
    this.#endCell()
    this.#render()
    return this.#out
  }

  #endCell(): void {
    this.#lines.at(-1)?.push(this.#cell)
    this.#cell = emptyCell()
  }

  #render(): void {
    const widths = columnWidths(this.#lines)
    this.#out += this.#lines.map((cells, at) => renderLine(cells, widths[at] ?? [])).join('\n')
    this.#lines = [[]]
  }
}

function emptyCell(): Cell {
  return { text: '', kept: 0, width: 0, indent: false }
}

function countCharacters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/** For each line the widths of its columns. A column reaches over neighbouring lines that have it. */
function columnWidths(lines: readonly (readonly Cell[])[]): number[][] {
  const widths: number[][] = lines.map(() => [])
  let rows = lines.map((_, at) => at)
  for (let column = 0; rows.length > 0; column++) {
    rows = rows.filter((at) => column < (lines[at]?.length ?? 0) - 1)
    for (let from = 0, to = 0; from < rows.length; from = to) {
      for (to = from + 1; rows[to] === (rows[to - 1] ?? 0) + 1;) to++
      const block = rows.slice(from, to)
      const width = blockWidth(block.map((at) => lines[at]?.[column] ?? emptyCell()))
      for (const at of block) widths[at]?.push(width)
    }
  }
  return widths
}

function blockWidth(cells: readonly Cell[]): number {
  if (cells.every((cell) => cell.width === 0 && !cell.indent)) return 0
  return padding + cells.reduce((widest, cell) => Math.max(widest, cell.width), 0)
}

/** Leading empty cells are filled with tabs, all others with spaces. Blanks at the end of the line are left out. */
function renderLine(cells: readonly Cell[], widths: readonly number[]): string {
  let out = ''
  let kept = 0
  let leading = true
  for (const [column, cell] of cells.entries()) {
    if (cell.text !== '') leading = false
    if (cell.kept > 0) kept = out.length + cell.kept
    out += cell.text
    const width = widths[column]
    if (width === undefined) continue
    out += leading ? '\t'.repeat(Math.ceil(width / tabWidth)) : ' '.repeat(width - cell.width)
  }
  return out.slice(0, kept)
}
