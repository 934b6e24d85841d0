/** `stage.json`: JMESPath expressions over a JSON object become extracted values. */
import type { EntryFn } from '../lib/component/component.ts'
import { LogstreamError } from '../lib/errors.ts'
import { shapeOf, textOf, type Extracted, type ExtractedValue } from '../lib/flow/extracted.ts'
import { flag, map, optional, optionalText, text } from '../lib/component/fields.ts'
import { dropped } from '../lib/flow/outcome.ts'
import { optionalPattern, refuseEmptySource } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { marshal } from '../lib/go/json/writer.ts'
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
  create: ({ expressions, regex, source, drop_malformed }): EntryFn => {
    const pattern = optionalPattern('regex', regex)
    if (expressions.size === 0 && pattern === undefined)
      throw new LogstreamError('BAD_ARGUMENT', 'nothing would be extracted: set expressions or regex')
    refuseEmptySource(source)
    const write = writer(expressions)
    const outcome = drop_malformed ? dropped('json_malformed') : undefined
    return (entry) => {
      const subject = source === undefined ? entry.line : textOf(entry.extracted.get(source))
      if (subject === undefined) return undefined
      const data = parseJson(subject)
      if (data === undefined) return outcome
      write(entry.extracted, data)
      if (pattern !== undefined && data !== null) writeMatching(entry.extracted, data, pattern)
      return undefined
    }
  },
})

function writer(
  expressions: ReadonlyMap<string, string>,
): (extracted: Extracted, data: JsonObject | null) => void {
  const shape = shapeOf([...expressions.keys()])
  const lookups = [...expressions].map(([name, expression]) => lookupOf(expression || name))
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
  data: JsonObject | null,
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
