/** The casts of github.com/spf13/cast, on which sprig relies. */
import { isInt64, toInt64 } from '../integer.ts'
import { parseFloat } from '../strconv/number.ts'
import { parseInteger } from '../strconv/integer.ts'
import type { Value } from './value.ts'

/** A decimal number without an exponent loses its fraction before it is read as an integer. */
function withoutFraction(text: string): string {
  if (!text.includes('.')) return text
  const match = /^([+-]?[0-9]*)\.[0-9]*$/.exec(text)
  if (match === null) return text
  const whole = match[1] ?? ''
  return /[0-9]/.test(whole) ? whole : `${whole}0`
}

/** `cast.ToInt64`: 0 for what isn't a number. */
export function castInt64(value: Value): bigint {
  switch (typeof value) {
    case 'bigint':
      return value
    case 'number':
      return toInt64(value)
    case 'boolean':
      return value ? 1n : 0n
    case 'string': {
      const integer = parseInteger(withoutFraction(value))
      return integer !== undefined && isInt64(integer) ? integer : 0n
    }
    default:
      if (value === undefined || value === null || value.tag !== 'int') return 0n
      return value.type === 'time.Duration' ? 0n : toInt64(value.value)
  }
}

/** `cast.ToFloat64`: 0 for what isn't a number. */
export function castFloat64(value: Value): number {
  switch (typeof value) {
    case 'number':
      return value
    case 'string':
      return parseFloat(value) ?? 0
    default:
      return Number(typeof value === 'object' && value?.tag === 'int' ? value.value : castInt64(value))
  }
}
