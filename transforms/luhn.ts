/** `stage.luhn`: replaces numbers that pass the Luhn check, as card numbers do. */
import type { EntryFn } from '../lib/component/component.ts'
import { integer, optional, optionalText, text } from '../lib/component/fields.ts'
import { optionalPattern, refuseEmptySource } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { redactLuhn } from '../lib/formats/luhn.ts'

/**
 * With a source, the redacted value replaces the line, and the value itself stays: so Alloy has it. Numbers above
 * 2^63 - 1 are not card numbers and stay.
 *
 * @example
 * luhn({ delimiters: ' -', replacement: '[card]' })
 */
export const luhn = defineStage({
  name: 'luhn',
  summary: 'Replaces numbers that pass the Luhn check, such as card numbers.',
  fields: {
    replacement: optional(text, '', 'What replaces a number; left out: "**REDACTED**".'),
    source: optional(optionalText, undefined, 'Extracted value to read; left out: the line.'),
    min_length: optional(integer, 0, 'Fewest digits of a number; below 1: 13.'),
    delimiters: optional(text, '', 'Characters that may stand between the digits of a number.'),
    skip_regex: optional(text, '', 'RE2 expression; numbers inside of its matches stay.'),
  },
  create: ({ replacement, source, min_length, delimiters, skip_regex }): EntryFn => {
    refuseEmptySource(source)
    const rules = {
      replacement: replacement === '' ? '**REDACTED**' : replacement,
      minLength: min_length < 1 ? 13 : min_length,
      delimiters: new Set(delimiters),
      skip: optionalPattern('skip_regex', skip_regex),
    }
    return (entry) => {
      const subject = source === undefined ? entry.line : entry.extracted.get(source)
      if (typeof subject === 'string') entry.line = redactLuhn(subject, rules)
      return undefined
    }
  },
})
