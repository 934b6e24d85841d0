/** `stage.logfmt`: `key=value` pairs become extracted values. */
import type { EntryFn, EntryStage, Kernel } from '../lib/component/component.ts'
import { LogstreamError } from '../lib/errors.ts'
import { subjectOf } from '../lib/flow/entry.ts'
import { Extracted, shapeOf, textOf } from '../lib/flow/extracted.ts'
import { ValueReader } from '../lib/flow/value-reader.ts'
import { map, optional, text } from '../lib/component/fields.ts'
import { EMPTY_LABELS } from '../lib/flow/labels.ts'
import { optionalPattern } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { LogfmtFields } from '../lib/formats/logfmt-bytes.ts'
import { parseLogfmt } from '../lib/formats/logfmt.ts'

const NOTHING = new Extracted(EMPTY_LABELS)

/**
 * All lines of a text are read, of equal keys the last counts. After a mistake in the text the pairs before it
 * stay, the rest is left out.
 *
 * @example
 * logfmt({ mapping: { level: '', message: 'msg' } })
 */
export const logfmt = defineStage({
  name: 'logfmt',
  summary: 'Extracts values from logfmt, in the line or an extracted value.',
  fields: {
    mapping: optional(map(text), new Map(), 'Name of the value to the key; "" means the same.'),
    source: optional(text, '', 'Extracted value to read; left out: the line.'),
    regex: optional(text, '', 'RE2 expression: every key that matches is extracted, in addition to mapping.'),
  },
  explain: {
    misfit: ({ mapping, source, regex }) => {
      const pattern = optionalPattern('regex', regex)
      const keys = new Set([...mapping].map(([name, key]) => key || name))
      return (entry) => {
        const subject = subjectOf(entry, source || undefined)
        if (subject === undefined) return undefined
        let found = false
        parseLogfmt(subject, (key) => (found ||= keys.has(key) || pattern?.test(key) === true))
        return found || 'has none of the keys'
      }
    },
  },
  create: ({ mapping, source, regex }): EntryFn | EntryStage => {
    const pattern = optionalPattern('regex', regex)
    if (mapping.size === 0 && pattern === undefined)
      throw new LogstreamError('BAD_ARGUMENT', 'nothing would be extracted: set mapping or regex')
    // In Alloy, of two names for one key a random one is filled; here all are.
    const namesOf = new Map<string, string[]>()
    for (const [name, key] of mapping) {
      const names = namesOf.get(key || name)
      if (names === undefined) namesOf.set(key || name, [name])
      else names.push(name)
    }
    // One handler for all lines; what it writes to is set before each of them.
    let extracted = NOTHING
    const onPair = (key: string, value: string): void => {
      const names = namesOf.get(key)
      if (names !== undefined) for (let i = 0; i < names.length; i++) extracted.set(names[i]!, value)
      if (pattern !== undefined && pattern.test(key)) extracted.set(key, value)
    }
    const each: EntryFn = (entry) => {
      extracted = entry.extracted
      const subject = source === '' ? entry.line : textOf(extracted.get(source))
      if (subject !== undefined) parseLogfmt(subject, onPair)
      extracted = NOTHING
      return undefined
    }
    return pattern === undefined ? { each, kernel: kernelOf(mapping, source) } : each
  },
})

function kernelOf(mapping: ReadonlyMap<string, string>, source: string): Kernel {
  const shape = shapeOf([...mapping.keys()])
  const keys = [...mapping].map(([name, key]) => key || name)
  const fields = new LogfmtFields(keys)
  const reader = source === '' ? undefined : new ValueReader(source)
  return (columns) => {
    const { rows, count, bytes, starts, ends } = columns
    reader?.begin(columns)
    const cells = columns.addCells(shape)
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      for (let place = 0; place < keys.length; place++) cells.set(row, place, undefined)
      cells.filled[row] = 1
      const inBytes = reader === undefined || reader.inBytes(row)
      const from = reader === undefined ? starts[row]! : reader.from
      const to = reader === undefined ? ends[row]! : reader.to
      if (inBytes && fields.scan(bytes, from, to)) {
        for (let place = 0; place < keys.length; place++)
          if (fields.starts[place]! >= 0)
            cells.setSpan(row, place, fields.starts[place]!, fields.ends[place]!)
        continue
      }
      const subject = reader === undefined ? columns.line(row) : reader.text(row)
      if (subject === undefined) continue
      parseLogfmt(subject, (key, value) => {
        for (let place = 0; place < keys.length; place++)
          if (keys[place] === key) cells.set(row, place, value)
      })
    }
  }
}
