/** `stage.logfmt`: `key=value` pairs become extracted values. */
import type { EntryFn } from '../lib/component/component.ts'
import { LogstreamError } from '../lib/errors.ts'
import { Extracted, textOf } from '../lib/flow/extracted.ts'
import { map, optional, text } from '../lib/component/fields.ts'
import { EMPTY_LABELS } from '../lib/flow/labels.ts'
import { optionalPattern } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
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
  create: ({ mapping, source, regex }): EntryFn => {
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
    return (entry) => {
      extracted = entry.extracted
      const subject = source === '' ? entry.line : textOf(extracted.get(source))
      if (subject !== undefined) parseLogfmt(subject, onPair)
      extracted = NOTHING
      return undefined
    }
  },
})
