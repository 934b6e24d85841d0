/** The `string` namespace: Go's package strings, and `fmt.Sprintf`. */
import { convertAt, toList, toStringValue } from '../convert.ts'
import type { FunctionValue, Value } from '../value.ts'
import { countError, define } from './define.ts'
import { goFormat } from './go-format.ts'
import { toLower, toUpper } from './letter-case.ts'

const strings = (value: Value): string[] => toList(value, toStringValue)

// White space as Go's unicode.IsSpace has it; JS's trim differs in U+0085 and U+FEFF.
const space = new Set(
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
)

function trimSet(text: string, cut: ReadonlySet<string>): string {
  const characters = [...text]
  let start = 0
  let end = characters.length
  while (start < end && cut.has(characters[start]!)) start++
  while (end > start && cut.has(characters[end - 1]!)) end--
  return characters.slice(start, end).join('')
}

// An empty `old` stands around every character.
function replaceAll(text: string, old: string, fresh: string): string {
  return old === '' ? ['', ...text, ''].join(fresh) : text.split(old).join(fresh)
}

const format: FunctionValue = {
  kind: 'function',
  name: 'string.format',
  call: (args) => {
    if (args.length === 0) throw countError('string.format', 'at least 1 argument', 0)
    return goFormat(convertAt(0, args[0]!, toStringValue), args.slice(1))
  },
}

type One = [string]
type Two = [string, string]

/** The functions of the namespace by their names in it. */
export const stringFunctions: ReadonlyMap<string, FunctionValue> = new Map([
  ['format', format],
  ['join', define<[string[], string]>('string.join', [strings, toStringValue], (list, by) => list.join(by))],
  [
    'replace',
    define<[string, string, string]>(
      'string.replace',
      [toStringValue, toStringValue, toStringValue],
      replaceAll,
    ),
  ],
  [
    'split',
    define<Two>('string.split', [toStringValue, toStringValue], (text, by) =>
      by === '' ? [...text] : text.split(by),
    ),
  ],
  ['to_lower', define<One>('string.to_lower', [toStringValue], toLower)],
  ['to_upper', define<One>('string.to_upper', [toStringValue], toUpper)],
  [
    'trim',
    define<Two>('string.trim', [toStringValue, toStringValue], (text, cut) => trimSet(text, new Set(cut))),
  ],
  [
    'trim_prefix',
    define<Two>('string.trim_prefix', [toStringValue, toStringValue], (text, prefix) =>
      text.startsWith(prefix) ? text.slice(prefix.length) : text,
    ),
  ],
  ['trim_space', define<One>('string.trim_space', [toStringValue], (text) => trimSet(text, space))],
  [
    'trim_suffix',
    define<Two>('string.trim_suffix', [toStringValue, toStringValue], (text, suffix) =>
      text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text,
    ),
  ],
])
