/** Integers as Go's strconv.ParseInt reads them. */
import { isInt64 } from '../integer.ts'

const MAX_INT64 = (1n << 63n) - 1n
const MAX_UINT64 = (1n << 64n) - 1n

/** An underscore only between digits, or after a base prefix. */
function underscoresOk(text: string): boolean {
  const body = text.replace(/^[+-]/, '').replace(/^0[bBoOxX]/, '0')
  return !/^_|_$|_[^0-9a-fA-F]|[^0-9a-fA-F]_/.test(body)
}

const integerForms: readonly [RegExp, prefix: string][] = [
  [/^0[xX]([0-9a-fA-F]+)$/, '0x'],
  [/^0[bB]([01]+)$/, '0b'],
  [/^0[oO]([0-7]+)$/, '0o'],
  [/^0([0-7]+)$/, '0o'],
  [/^(0|[1-9][0-9]*)$/, ''],
]

/** No integer of 64 bits has more significant digits, in any base. BigInt takes quadratic time for long ones. */
const MOST_DIGITS = 64

function integer(prefix: string, digits: string): bigint | undefined {
  const significant = digits.replace(/^0+(?=.)/, '')
  return significant.length > MOST_DIGITS ? undefined : BigInt(prefix + significant)
}

/**
 * `strconv.ParseInt(text, 0, ...)` with no limit but 64 digits: the base by its prefix (a leading 0 is octal),
 * underscores between digits. Undefined for anything else.
 */
export function parseInteger(text: string): bigint | undefined {
  // Most are plain, and short enough for a double.
  if (/^-?[1-9][0-9]{0,14}$/.test(text)) return BigInt(Number(text))
  if (!underscoresOk(text)) return undefined
  const negative = text.startsWith('-')
  const digits = (negative || text.startsWith('+') ? text.slice(1) : text).replaceAll('_', '')
  for (const [form, prefix] of integerForms) {
    const match = form.exec(digits)
    if (match === null) continue
    const value = integer(prefix, match[1]!)
    return negative && value !== undefined ? -value : value
  }
  return undefined
}

/** `strconv.ParseInt(text, base, 64)`, without prefixes and underscores. Undefined for anything else. */
export function parseInt64(text: string, base: 8 | 10 = 10): bigint | undefined {
  const match = (base === 8 ? /^([+-]?)([0-7]+)$/ : /^([+-]?)([0-9]+)$/).exec(text)
  if (match === null) return undefined
  const size = integer(base === 8 ? '0o' : '', match[2]!)
  if (size === undefined) return undefined
  const value = match[1] === '-' ? -size : size
  return isInt64(value) ? value : undefined
}

/**
 * The same in base 10 where the caller ignores the error: out of range gives the nearest int64, anything else 0. Go
 * finds that a number leaves 64 bits before it finds what follows.
 */
export function clampInt64(text: string): bigint {
  const value = parseInt64(text)
  if (value !== undefined) return value
  const digits = /^[+-]?([0-9]+)/.exec(text)?.[1] ?? ''
  const isTooLarge =
    /^[+-]?[0-9]+$/.test(text) || (integer('', digits || '0') ?? MAX_UINT64 + 1n) > MAX_UINT64
  if (!isTooLarge) return 0n
  return text.startsWith('-') ? -MAX_INT64 - 1n : MAX_INT64
}
