/** `stage.json`: JMESPath expressions over a JSON object become extracted values. */
import type { EntryFn, EntryStage, Kernel, StageContext } from '../lib/component/component.ts'
import { LogstreamError } from '../lib/errors.ts'
import type { Cells } from '../lib/flow/cells.ts'
import type { Columns } from '../lib/flow/columns.ts'
import { subjectOf } from '../lib/flow/entry.ts'
import { shapeOf, type Extracted, type ExtractedValue, type Shape } from '../lib/flow/extracted.ts'
import { ValueReader } from '../lib/flow/value-reader.ts'
import { flag, map, optional, optionalText, text } from '../lib/component/fields.ts'
import { dropped, type Outcome } from '../lib/flow/outcome.ts'
import { optionalPattern, refuseEmptySource } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { marshal, NIL_OBJECT } from '../lib/go/json/writer.ts'
import { ByteFields, ESCAPED, NIL, NUMBER, STRING, TRUE } from '../lib/go/json/byte-fields.ts'
import { parseJson } from '../lib/go/json/parse.ts'
import type { JsonObject } from '../lib/go/json/iterator-reader.ts'
import { compileJmespath, type Lookup } from '../lib/formats/jmespath/jmespath.ts'
import type { Regexp } from '../lib/go/regexp/regexp.ts'

/**
 * Only an object can be read. Every expression writes its value: a path that leads nowhere writes nil, also over an
 * older value. Objects and lists become JSON text. Malformed lines pass unless `drop_malformed` is set; those drops
 * are in the ledger, but not in the counter of dropped lines, as in Alloy.
 *
 * @example
 * json({ expressions: { level: '', user: 'request.user.name' } })
 */
export const json = defineStage({
  name: 'json',
  summary: 'Extracts values from a JSON object, in the line or an extracted value.',
  fields: {
    expressions: optional(
      map(text),
      new Map(),
      'Name of the value to its JMESPath expression; "" means the same.',
    ),
    regex: optional(text, '', 'RE2 expression: every key that matches is extracted, in addition.'),
    source: optional(optionalText, undefined, 'Extracted value to read; left out: the line.'),
    drop_malformed: optional(flag, false, 'Drops entries whose text is not a JSON object.'),
  },
  explain: {
    misfit:
      ({ source }) =>
      (entry) => {
        const subject = subjectOf(entry, source)
        return subject === undefined ? undefined : parseJson(subject) !== undefined || 'not a JSON object'
      },
  },
  create: ({ expressions, regex, source, drop_malformed }, ctx): EntryFn | EntryStage => {
    const pattern = optionalPattern('regex', regex)
    if (expressions.size === 0 && pattern === undefined)
      throw new LogstreamError('BAD_ARGUMENT', 'nothing would be extracted: set expressions or regex')
    refuseEmptySource(source)
    const shape = shapeOf([...expressions.keys()])
    const paths = [...expressions].map(([name, expression]) => expression || name)
    const lookups = paths.map((path) => lookupOf(path))
    const write = writer(shape, lookups)
    const outcome = drop_malformed ? dropped('json_malformed') : undefined
    const each: EntryFn = (entry) => {
      const subject = subjectOf(entry, source)
      if (subject === undefined) return undefined
      const data = objectOf(subject)
      if (data === undefined) return outcome
      write(entry.extracted, data)
      if (pattern !== undefined) writeMatching(entry.extracted, data, pattern)
      return undefined
    }
    if (pattern !== undefined) return each
    return { each, kernel: kernelOf({ shape, paths, lookups, source, outcome }, ctx) }
  },
})

/** `null` is read as an object too, as Go reads it into a map. */
function objectOf(text: string): JsonObject | undefined {
  const data = parseJson(text)
  return data === null ? NIL_OBJECT : data
}

interface Extraction {
  readonly shape: Shape
  readonly paths: readonly string[]
  readonly lookups: readonly Lookup[]
  readonly source: string | undefined
  /** How malformed lines end; `undefined`: they pass. */
  readonly outcome: Outcome | undefined
}

/** Expressions that are just names, which can be found by scanning. */
const PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/

function kernelOf({ shape, paths, lookups, source, outcome }: Extraction, ctx: StageContext): Kernel {
  const scanned = paths.every((path) => PATH.test(path) && !path.includes('__proto__'))
  // Two names may have one path.
  const distinct = [...new Set(paths)]
  const places = paths.map((path) => distinct.indexOf(path))
  const fields = scanned ? new ByteFields(distinct.map((path) => path.split('.'))) : undefined
  const reader = source === undefined ? undefined : new ValueReader(source)
  return (columns) => {
    const { bytes, starts, ends } = columns
    reader?.begin(columns)
    const cells = columns.addCells(shape)
    columns.filter((row) => {
      if (fields !== undefined && (reader === undefined || reader.inBytes(row))) {
        const found =
          reader === undefined
            ? fields.scan(bytes, starts[row]!, ends[row]!)
            : fields.scan(bytes, reader.from, reader.to)
        if (found) {
          fillFrom(fields, places, cells, row, columns)
          return true
        }
      }
      const subject = reader === undefined ? columns.line(row) : reader.text(row)
      const data = subject === undefined ? undefined : objectOf(subject)
      if (data !== undefined)
        cells.fill(
          row,
          lookups.map((lookup) => simplified(lookup(data))),
        )
      else if (subject !== undefined && outcome !== undefined) {
        ctx.drop(columns.ackOf(row), outcome)
        return false
      }
      return true
    })
  }
}

// `places` has the place among the fields of each cell.
function fillFrom(
  { kinds, starts, ends }: ByteFields,
  places: readonly number[],
  cells: Cells,
  row: number,
  columns: Columns,
): void {
  for (let cell = 0; cell < places.length; cell++) {
    const place = places[cell]!
    const start = starts[place]!
    const end = ends[place]!
    switch (kinds[place]) {
      case STRING:
        cells.setSpan(row, cell, start, end)
        break
      case NUMBER:
        if (isPrinted(columns.bytes, start, end)) cells.setNumber(row, cell, start, end)
        else cells.set(row, cell, Number(columns.slice(start, end)))
        break
      case ESCAPED:
        cells.setEscaped(row, cell, start, end)
        break
      case NIL:
        cells.set(row, cell, null)
        break
      default:
        cells.set(row, cell, kinds[place] === TRUE)
    }
  }
  cells.filled[row] = 1
}

// Whether a JSON number is written as Go prints the double: no more than 15 digits, which a double holds as they are, no
// zero that isn't needed, and none so small that it gets an exponent.
function isPrinted(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start] === 0x2d ? start + 1 : start
  if (end - first > 15) return false
  if (end - first === 1) return first === start || bytes[first] !== ZERO
  if (bytes[first] === ZERO) return end - first > 2 && bytes[first + 2] !== ZERO && bytes[end - 1] !== ZERO
  for (let at = first; at < end; at++) if (bytes[at] === 0x2e) return bytes[end - 1] !== ZERO
  return true
}

const ZERO = 0x30

function writer(shape: Shape, lookups: readonly Lookup[]): (extracted: Extracted, data: JsonObject) => void {
  return (extracted, data) => {
    const values: ExtractedValue[] = []
    for (let i = 0; i < lookups.length; i++) {
      const value = simplified(lookups[i]!(data))
      // A failed evaluation writes nothing, so the row cannot be written as a whole.
      if (value === undefined) return writeEach(extracted, shape.names, lookups, data)
      values.push(value)
    }
    extracted.setRow(shape, values)
  }
}

function writeEach(
  extracted: Extracted,
  names: readonly string[],
  lookups: readonly Lookup[],
  data: JsonObject,
): void {
  for (let i = 0; i < names.length; i++) {
    const value = simplified(lookups[i]!(data))
    if (value !== undefined) extracted.set(names[i]!, value)
  }
}

function writeMatching(extracted: Extracted, data: JsonObject, pattern: Regexp): void {
  for (const key of Object.keys(data)) {
    if (!pattern.test(key)) continue
    const value = simplified(data[key])
    if (value !== undefined) extracted.set(key, value)
  }
}

/**
 * Numbers, bools, strings and null as they are, everything else as JSON text; undefined for a failed lookup. What JSON
 * doesn't have (a reference, an infinity within a list) is the empty string, as in Alloy.
 */
function simplified(value: unknown): ExtractedValue | undefined {
  if (value === null || value === undefined) return value
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return marshal(value) ?? ''
}

function lookupOf(expression: string): Lookup {
  try {
    return compileJmespath(expression)
  } catch (error) {
    if (!(error instanceof LogstreamError)) throw error
    throw new LogstreamError(error.code, error.message, { cause: error, option: 'expressions' })
  }
}
