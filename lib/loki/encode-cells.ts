/** Writes structured metadata that lies in the bytes of columns, as `encode.ts` writes that of entries. */
import { ABSENT, type Cells } from '../flow/cells.ts'
import type { Columns } from '../flow/columns.ts'
import { copyText } from '../flow/copy-text.ts'
import type { Shape } from '../flow/extracted.ts'
import { textField, writeVarint, type RawBuffer } from './encode.ts'
import type { PushStream } from './push-stream.ts'

/** The names of the shape that was written last, each as its bytes and as its field in a push. */
let shape: Shape | undefined
let names: readonly Uint8Array[] = []
let fields: readonly Uint8Array[] = []

function keep(next: Shape): void {
  if (next === shape) return
  shape = next
  names = next.names.map((name) => Buffer.from(name))
  fields = names.map((name) => {
    const field = Buffer.alloc(textField(name.length)) as Buffer as RawBuffer
    field[0] = 0x0a
    field.set(name, writeVarint(field, name.length, 1))
    return field
  })
}

/** Bytes of the names and values of a row. */
export function cellBytes(cells: Cells, row: number): number {
  return sum(cells, row, (place, value) => names[place]!.length + value)
}

/** Bytes that the fields of a row take. */
export function cellFields(cells: Cells, row: number): number {
  return sum(cells, row, (place, value) => textField(fields[place]!.length + textField(value)))
}

/** Adds up what the values that a row has come to; `sizeOf` is given their places and bytes. */
function sum(
  { shape: own, spans, width }: Cells,
  row: number,
  sizeOf: (place: number, value: number) => number,
): number {
  keep(own)
  let bytes = 0
  for (let i = 0, at = row * width; i < names.length; i++, at += 2)
    if (spans[at] !== ABSENT) bytes += sizeOf(i, spans[at + 1]! - spans[at]!)
  return bytes
}

/** Writes the fields of a row to `start`. */
export function writeCellFields(
  columns: Columns,
  { shape: own, spans, width }: Cells,
  row: number,
  { bytes, view }: PushStream['chunk'],
  start: number,
): void {
  keep(own)
  const out = bytes as RawBuffer
  let at = start
  for (let i = 0; i < fields.length; i++) {
    const from = spans[row * width + 2 * i]!
    if (from === ABSENT) continue
    const size = spans[row * width + 2 * i + 1]! - from
    const name = fields[i]!
    out[at] = 0x1a
    at = writeVarint(out, name.length + textField(size), at + 1)
    for (let k = 0; k < name.length; k++) out[at++] = name[k]!
    if (size === 0) continue
    out[at] = 0x12
    at = writeVarint(out, size, at + 1)
    copyText(columns, from, from + size, out, view, at)
    at += size
  }
}
