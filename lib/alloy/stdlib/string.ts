/** The `string` namespace: Go's package strings, and `fmt.Sprintf`. */
import { replace, splitN, trim, trimPrefix, trimSuffix } from '../../go/strings/edit.ts'
import { toLower, toUpper } from '../../go/strings/letters.ts'
import { trimSpace } from '../../go/strings/space.ts'
import { convertAt, toList, toStringValue } from '../convert.ts'
import type { FunctionValue, Value } from '../value.ts'
import { countError, define } from './define.ts'
import { goFormat } from './go-format.ts'

const strings = (value: Value): string[] => toList(value, toStringValue)

const format: FunctionValue = {
  kind: 'function',
  name: 'string.format',
  call: (args) => {
    if (args.length === 0) throw countError('string.format', 'at least 1 argument', 0)
    return goFormat(convertAt(0, args[0]!, toStringValue), args.slice(1))
  },
}

const text = toStringValue
type Two = [string, string]
type Three = [string, string, string]

/** The functions of the namespace by their names in it. */
export const stringFunctions: ReadonlyMap<string, FunctionValue> = new Map([
  ['format', format],
  ['join', define<[string[], string]>('string.join', [strings, text], (list, by) => list.join(by))],
  ['replace', define<Three>('string.replace', [text, text, text], (...args) => replace(...args, -1))],
  ['split', define<Two>('string.split', [text, text], (...args) => splitN(...args, -1))],
  ['to_lower', define<[string]>('string.to_lower', [text], toLower)],
  ['to_upper', define<[string]>('string.to_upper', [text], toUpper)],
  ['trim', define<Two>('string.trim', [text, text], trim)],
  ['trim_prefix', define<Two>('string.trim_prefix', [text, text], trimPrefix)],
  ['trim_space', define<[string]>('string.trim_space', [text], trimSpace)],
  ['trim_suffix', define<Two>('string.trim_suffix', [text, text], trimSuffix)],
])
