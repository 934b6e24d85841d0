/** `string.format`: Go's fmt.Sprintf over values of the language; the printing itself is that of the templates. */
import { sprintf } from '../../go/template/print.ts'
import { goInt, list, map, type Value as GoValue } from '../../go/template/value.ts'
import { LogstreamError } from '../../errors.ts'
import { isInt64 } from '../../go/integer.ts'
import { isFunction, isList, isObject, isSecret } from '../kinds.ts'
import { typeName, ValueError, type Value } from '../value.ts'

// What Alloy hands to Go's fmt: ints (uint64 above int64), float64, []interface {}, map[string]interface {}.
function goValue(value: Value): GoValue {
  if (typeof value === 'bigint') return isInt64(value) ? value : goInt('uint64', value)
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return list(value.map(goValue))
  if (isObject(value)) return map(new Map(Array.from(value, ([key, field]) => [key, goValue(field)])))
  if (isSecret(value)) return value.text
  // Go prints the addresses of these, which nobody can mean.
  return isFunction(value) ? `(function ${value.name})` : `(${typeName(value)})`
}

/**
 * The text that Go's `fmt.Sprintf(format, args...)` gives; mistakes are printed into it, such as `%!d(string=abc)`.
 * Throws ValueError where the text would be huge.
 */
export function goFormat(format: string, args: readonly Value[]): string {
  try {
    return sprintf(format, args.map(goValue))
  } catch (error) {
    if (error instanceof LogstreamError) throw new ValueError(error.message)
    throw error
  }
}
