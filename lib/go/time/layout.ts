/** Reads a Go time layout (`2006-01-02 15:04:05`) once into the fields and literal texts that parsing and printing follow. */

/** The English names in time texts; Go knows no others. */
export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

export const weekdayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

export const shortMonthNames = monthNames.map((name) => name.slice(0, 3))

export const shortWeekdayNames = weekdayNames.map((name) => name.slice(0, 3))

/** The kinds of a layout's fields, each named after what Go's documentation of `time.Layout` writes for it. */
export type FieldKind =
  | 'January'
  | 'Jan'
  | '1'
  | '01'
  | 'Monday'
  | 'Mon'
  | '2'
  | '_2'
  | '02'
  | '__2'
  | '002'
  | '15'
  | '3'
  | '03'
  | '4'
  | '04'
  | '5'
  | '05'
  | '2006'
  | '06'
  | 'PM'
  | 'pm'
  | 'MST'
  | 'offset'
  | 'fraction0'
  | 'fraction9'

export interface Field {
  /** The literal text before the field. */
  prefix: string
  kind: FieldKind
  /** For `offset`: how it is written. */
  offset?: OffsetStyle
  /** For `fraction0` and `fraction9`: how many digits the layout shows. */
  digits: number
  /** For fractions: `.` or `,`. */
  separator: string
}

export interface OffsetStyle {
  /** `Z` means no offset. */
  zulu: boolean
  colons: boolean
  /** Hours only (1), with minutes (2), with seconds (3). */
  parts: number
}

export interface Layout {
  fields: Field[]
  /** The literal text after the last field. */
  tail: string
}

const offsetTexts: [text: string, colons: boolean, parts: number][] = [
  ['070000', false, 3],
  ['07:00:00', true, 3],
  ['0700', false, 2],
  ['07:00', true, 2],
  ['07', false, 1],
]

/** What starts with a letter or a digit; of two that fit the first one counts. */
const simpleKinds: Record<string, FieldKind[] | undefined> = {
  J: ['January', 'Jan'],
  M: ['Monday', 'Mon', 'MST'],
  '0': ['01', '02', '03', '04', '05', '06', '002'],
  '1': ['15', '1'],
  '2': ['2006', '2'],
  _: ['_2', '__2'],
  '3': ['3'],
  '4': ['4'],
  '5': ['5'],
  P: ['PM'],
  p: ['pm'],
}

function isDigitAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}

interface Found {
  kind: FieldKind
  length: number
  offset?: OffsetStyle
  digits?: number
}

function offsetAt(layout: string, at: number): Found | undefined {
  for (const [text, colons, parts] of offsetTexts) {
    if (!layout.startsWith(text, at + 1)) continue
    const zulu = layout[at] === 'Z'
    return { kind: 'offset', length: text.length + 1, offset: { zulu, colons, parts } }
  }
  return undefined
}

function fractionAt(layout: string, at: number): Found | undefined {
  const digit = layout[at + 1]
  if (digit !== '0' && digit !== '9') return undefined
  let end = at + 1
  while (layout[end] === digit) end++
  // Any other digit after it makes it literal text.
  if (isDigitAt(layout, end)) return undefined
  return { kind: digit === '0' ? 'fraction0' : 'fraction9', length: end - at, digits: end - at - 1 }
}

function fieldAt(layout: string, at: number): Found | undefined {
  const first = layout[at] ?? ''
  if (first === '-' || first === 'Z') return offsetAt(layout, at)
  if (first === '.' || first === ',') return fractionAt(layout, at)
  const kinds = Object.hasOwn(simpleKinds, first) ? simpleKinds[first] : undefined
  for (const kind of kinds ?? []) {
    if (!layout.startsWith(kind, at)) continue
    const next = layout[at + 3] ?? ''
    // `Month` and `January` cut short are words, not the fields Mon and Jan.
    if ((kind === 'Jan' || kind === 'Mon') && next >= 'a' && next <= 'z') continue
    // `_2006` is an underscore before a year.
    if (kind === '_2' && layout.startsWith('2006', at + 1)) return undefined
    return { kind, length: kind.length }
  }
  return undefined
}

/**
 * The fields of a Go time layout, https://pkg.go.dev/time#Layout. Every string is a layout: what isn't a field is literal
 * text, so nothing is ever refused.
 */
// layout = { literal field } literal
export function parseLayout(layout: string): Layout {
  const fields: Field[] = []
  let start = 0
  let at = 0
  while (at < layout.length) {
    const found = fieldAt(layout, at)
    if (found === undefined) {
      at++
      continue
    }
    const { kind, length, offset, digits = 0 } = found
    fields.push({ prefix: layout.slice(start, at), kind, offset, digits, separator: layout[at] ?? '' })
    at += length
    start = at
  }
  return { fields, tail: layout.slice(start) }
}
