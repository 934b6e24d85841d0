/** JMESPath's functions of strings. Places and widths count bytes of UTF-8, as in go-jmespath. */
import { replace, splitN, trim, trimLeft, trimRight } from '../../go/strings/edit.ts'
import { toLower, toUpper } from '../../go/strings/letters.ts'
import { trimSpace, trimSpaceLeft, trimSpaceRight } from '../../go/strings/space.ts'
import { define, optional, type Definition } from './define.ts'
import { EvaluationFailure } from './error.ts'

/** Bytes of a padded string; go-jmespath has no limit. */
const MOST_PADDED = 1024 * 1024

/** The argument as Go's int. Throws unless it is whole. */
function integer(value: number): number {
  if (Math.floor(value) !== value) throw new EvaluationFailure(`expected a whole number, found ${value}`)
  // What doesn't fit is the lowest int.
  return Math.abs(value) < 2 ** 63 ? value : -(2 ** 63)
}

function positive(value: number): number {
  const whole = integer(value)
  if (whole < 0) throw new EvaluationFailure(`expected a number from 0 on, found ${value}`)
  return whole
}

function split(text: string, separator: string, count?: number): string[] {
  if (text === '') return []
  if (count === undefined) return splitN(text, separator, -1)
  return splitN(text, separator, positive(count) + 1)
}

function padding(text: string, width: number, filler = ' '): string {
  const missing = positive(width) - Buffer.byteLength(text)
  if (Buffer.byteLength(filler) > 1) throw new EvaluationFailure('the filler must be one byte long')
  if (missing > MOST_PADDED) throw new EvaluationFailure(`a padded string of more than ${MOST_PADDED} bytes`)
  return filler.repeat(Math.max(0, missing))
}

function find(
  text: string,
  wanted: string,
  from: number | undefined,
  to: number | undefined,
  last: boolean,
): number | null {
  if (text === '' || wanted === '') return null
  const bytes = Buffer.from(text)
  const start = from === undefined ? 0 : Math.max(0, integer(from))
  const end = to === undefined ? bytes.length : Math.min(integer(to), bytes.length)
  // Go panics, and takes the process along.
  if (end < start) throw new EvaluationFailure(`nothing is between ${start} and ${end}`)
  const range = bytes.subarray(start, end)
  const at = last ? range.lastIndexOf(wanted) : range.indexOf(wanted)
  return at < 0 ? null : start + at
}

type Trim = (text: string, set: string) => string

function trimming(spaces: (text: string) => string, characters: Trim): Definition {
  return optional(1, [['string'], ['string']], (text = '', set = '') =>
    set === '' ? spaces(text) : characters(text, set),
  )
}

export const textFunctions: readonly (readonly [string, Definition])[] = [
  ['ends_with', define([['string'], ['string']], (text, suffix) => text.endsWith(suffix))],
  [
    'find_first',
    optional(2, [['string'], ['string'], ['number'], ['number']], (text = '', wanted = '', from, to) =>
      find(text, wanted, from, to, false),
    ),
  ],
  [
    'find_last',
    optional(2, [['string'], ['string'], ['number'], ['number']], (text = '', wanted = '', from, to) =>
      find(text, wanted, from, to, true),
    ),
  ],
  ['lower', define([['string']], toLower)],
  [
    'pad_left',
    optional(
      1,
      [['string'], ['number'], ['string']],
      (text = '', width = 0, filler) => padding(text, width, filler) + text,
    ),
  ],
  [
    'pad_right',
    optional(
      1,
      [['string'], ['number'], ['string']],
      (text = '', width = 0, filler) => text + padding(text, width, filler),
    ),
  ],
  [
    'replace',
    optional(1, [['string'], ['string'], ['string'], ['number']], (text = '', old = '', fresh = '', count) =>
      replace(text, old, fresh, count === undefined ? -1 : positive(count)),
    ),
  ],
  [
    'split',
    optional(1, [['string'], ['string'], ['number']], (text = '', separator = '', count) =>
      split(text, separator, count),
    ),
  ],
  ['starts_with', define([['string'], ['string']], (text, prefix) => text.startsWith(prefix))],
  ['trim', trimming(trimSpace, trim)],
  ['trim_left', trimming(trimSpaceLeft, trimLeft)],
  ['trim_right', trimming(trimSpaceRight, trimRight)],
  ['upper', define([['string']], toUpper)],
]
