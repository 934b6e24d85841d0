/** One row of cells as a layer of an entry's extracted values. */
import { ABSENT, type Cells } from './cells.ts'
import type { ExtractedValue, ValueSource } from './extracted.ts'

/** Makes strings of places in the bytes that the cells are about. */
export interface Slicer {
  slice(from: number, to: number): string
}

export class CellValues implements ValueSource {
  readonly #cells: Cells
  readonly #row: number
  readonly #text: Slicer

  constructor(cells: Cells, row: number, text: Slicer) {
    this.#cells = cells
    this.#row = row
    this.#text = text
  }

  get(name: string): ExtractedValue | undefined {
    const place = this.#cells.shape.index.get(name)
    return place === undefined ? undefined : cellValue(this.#cells, this.#row, place, this.#text)
  }

  names(): Iterable<string> {
    return this.#cells.shape.names
  }
}

/** The value in a cell; `undefined`: it is absent. */
function cellValue(
  { spans, width, others }: Cells,
  row: number,
  place: number,
  text: Slicer,
): ExtractedValue | undefined {
  const at = row * width + 2 * place
  const from = spans[at]!
  if (from === ABSENT) return undefined
  if (from < 0) return others[~from]
  const to = spans[at + 1]!
  return to < 0 ? Number(text.slice(from, ~to)) : text.slice(from, to)
}
