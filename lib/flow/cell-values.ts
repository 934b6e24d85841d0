/** One row of cells as a layer of an entry's extracted values. */
import { ABSENT, DELETED_CELL, type Cells, type Slicer } from './cells.ts'
import { DELETED, type ExtractedValue, type ValueSource } from './extracted.ts'

export class CellValues implements ValueSource {
  readonly #cells: Cells
  readonly #row: number
  readonly #text: Slicer

  constructor(cells: Cells, row: number, text: Slicer) {
    this.#cells = cells
    this.#row = row
    this.#text = text
  }

  get(name: string): ExtractedValue | typeof DELETED | undefined {
    const place = this.#cells.shape.index.get(name)
    return place === undefined ? undefined : cellValue(this.#cells, this.#row, place, this.#text)
  }

  names(): Iterable<string> {
    return this.#cells.shape.names
  }
}

/** The value in a cell; `undefined`: it is absent. */
function cellValue(
  cells: Cells,
  row: number,
  place: number,
  text: Slicer,
): ExtractedValue | typeof DELETED | undefined {
  const { spans } = cells
  const at = row * cells.width + 2 * place
  const from = spans[at]!
  if (from === ABSENT) return undefined
  if (from === DELETED_CELL) return DELETED
  if (from < 0) return cells.other(at, text)
  const to = spans[at + 1]!
  return to < 0 ? Number(text.slice(from, ~to)) : text.slice(from, to)
}
