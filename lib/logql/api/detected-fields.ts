/** The fields that the newest lines of a query have: structured metadata, and what JSON or logfmt in them shows. */
import { parseDuration } from '../../go/duration.ts'
import { parseFloat } from '../../go/strconv/number.ts'
import { parseInt64 } from '../../go/strconv/integer.ts'
import { EMPTY_LABELS, type LabelSet, labelSet } from '../../flow/labels.ts'
import { Budget, defaultLimits } from '../engine/budget.ts'
import { NO_HINTS } from '../syntax/hints.ts'
import { parseJsonLine } from '../stages/json-stage.ts'
import { LabelBuilder } from '../stages/label-builder.ts'
import { ERROR_DETAILS_LABEL, ERROR_LABEL, PRESERVE_ERROR_LABEL } from '../syntax/label-names.ts'
import { parseLogfmtLine } from '../stages/logfmt-stage.ts'
import { type PassedLine, passedLines } from '../engine/log-query.ts'
import type { DetectedField } from './answers.ts'
import type { TimeRange } from './params.ts'
import { parseLogExpression } from '../syntax/parse.ts'
import type { Querier } from '../engine/querier.ts'
import { convertBytes, formatSize } from '../stages/units.ts'

export type FieldType = 'int' | 'float' | 'boolean' | 'duration' | 'bytes' | 'string'

export interface FieldsRequest extends TimeRange {
  readonly query: string
  /** The most fields, or values of one. */
  readonly limit: number
  /** The newest lines that are looked at. */
  readonly lineLimit: number
  readonly signal?: AbortSignal
}

const booleans = new Set(['1', 't', 'T', 'TRUE', 'true', 'True', '0', 'f', 'F', 'FALSE', 'false', 'False'])

function typeOf(value: string): FieldType {
  if (parseInt64(value) !== undefined) return 'int'
  if (parseFloat(value) !== undefined) return 'float'
  if (booleans.has(value)) return 'boolean'
  if (parseDuration(value) !== undefined) return 'duration'
  return 'value' in convertBytes(value) ? 'bytes' : 'string'
}

interface ParsedLine {
  readonly parser: 'json' | 'logfmt'
  /** Values by name, those of the query's own parsers among them. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>>
  readonly paths: ReadonlyMap<string, readonly string[]>
}

function isSpecial(name: string): boolean {
  return name === ERROR_LABEL || name === ERROR_DETAILS_LABEL || name === PRESERVE_ERROR_LABEL
}

const builder = new LabelBuilder(EMPTY_LABELS, NO_HINTS)

function parseLine({ line, labels }: PassedLine): ParsedLine {
  const stream: LabelSet = labelSet(labels.stream)
  const row = { line, seconds: 0, nanos: 0, labels: builder }
  const paths = new Map<string, readonly string[]>()
  let parser: ParsedLine['parser'] = 'json'
  builder.reset(stream, undefined)
  parseJsonLine(row, (name, path) => paths.set(name, path))
  if (builder.error !== '') {
    parser = 'logfmt'
    paths.clear()
    builder.reset(stream, undefined)
    parseLogfmtLine(row, { strict: false, keepEmpty: false })
  }
  const values = new Map<string, Set<string>>()
  for (const [name, value] of [...labels.parsed, ...builder.categorized().parsed]) {
    if (isSpecial(name)) continue
    const known = values.get(name)
    if (known === undefined) values.set(name, new Set([value]))
    else known.add(value)
  }
  return { parser, values, paths }
}

interface Field {
  type: FieldType
  readonly values: Set<string>
  readonly parsers: Set<'json' | 'logfmt'>
  path: readonly string[] | undefined
}

/** Fields by name, so many at most. */
class Fields {
  readonly #fields = new Map<string, Field>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  find(name: string): Field | undefined {
    let field = this.#fields.get(name)
    if (field === undefined && this.#fields.size < this.#limit) {
      field = { type: 'string', values: new Set(), parsers: new Set(), path: undefined }
      this.#fields.set(name, field)
    }
    return field
  }

  add(line: PassedLine): void {
    for (const [name, value] of line.labels.metadata) this.#note(this.find(name), [value])
    const parsed = parseLine(line)
    for (const [name, values] of parsed.values) {
      const field = this.find(name)
      field?.parsers.add(parsed.parser)
      if (field !== undefined && parsed.parser === 'json') field.path = parsed.paths.get(name)
      this.#note(field, values)
    }
  }

  #note(field: Field | undefined, values: Iterable<string>): void {
    if (field === undefined) return
    let first = true
    for (const value of values) {
      if (first) field.type = typeOf(value)
      first = false
      field.values.add(value)
    }
  }

  get all(): DetectedField[] {
    const result: DetectedField[] = []
    for (const [label, { type, values, parsers, path }] of this.#fields) {
      const field: DetectedField = {
        label,
        type,
        cardinality: values.size,
        parsers: parsers.size === 0 ? null : [...parsers],
      }
      if (path !== undefined) field.jsonPath = [...path]
      result.push(field)
    }
    return result.sort((a, b) => (a.label < b.label ? -1 : 1))
  }
}

async function linesOf(querier: Querier, request: FieldsRequest): Promise<PassedLine[]> {
  const { query, start, end, lineLimit, signal } = request
  const budget = new Budget(defaultLimits, signal === undefined ? {} : { signal })
  const wanted = { start, end, limit: lineLimit, direction: 'backward' as const, interval: 0n, flags: [] }
  const lines: PassedLine[] = []
  for await (const line of passedLines(querier, parseLogExpression(query), wanted, budget)) lines.push(line)
  return lines
}

/** @throws {LogqlError} for anything but a log query, and for limits */
export async function detectedFields(querier: Querier, request: FieldsRequest): Promise<DetectedField[]> {
  const fields = new Fields(request.limit)
  for (const line of await linesOf(querier, request)) fields.add(line)
  return fields.all
}

/** Sizes are written so that they can stand in a query. */
function usable(value: string): string {
  if (!/(?:b|[kmgtpe]i?)$/i.test(value)) return value
  const bytes = convertBytes(value)
  return 'value' in bytes ? formatSize(bytes.value) : value
}

/** The values of one field, sorted. @throws {LogqlError} as detectedFields does */
export async function detectedFieldValues(
  querier: Querier,
  name: string,
  request: FieldsRequest,
): Promise<string[]> {
  const values = new Set<string>()
  for (const line of await linesOf(querier, request)) {
    if (values.size >= request.limit) break
    for (const [found, value] of line.labels.metadata) if (found === name) values.add(value)
    for (const value of parseLine(line).values.get(name) ?? []) values.add(usable(value))
  }
  return [...values].sort()
}
