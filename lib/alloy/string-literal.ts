/** The values of strings as they are written in a config. */
import { unescape, unquote } from '../go/strconv/quote.ts'
import { ValueError } from './value.ts'

/**
 * The value of a string in double quotes or backticks. A raw string (backticks) loses its carriage returns and nothing
 * else. `\x` and octal escapes are bytes, kept also where they aren't UTF-8. Rules: https://go.dev/ref/spec#String_literals.
 *
 * @throws ValueError for anything else
 */
export function stringValue(raw: string): string {
  const value = raw.startsWith("'") ? undefined : unquote(raw)
  if (value === undefined) throw new ValueError(problem(raw))
  return value
}

const escapes = /\\(?:[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^]?)/gu

function problem(raw: string): string {
  const wanted = 'expected a string in double quotes or backticks'
  if (raw.length < 2 || raw[0] !== '"' || raw.at(-1) !== '"') return `${wanted}, found ${raw}`
  const bad = raw
    .slice(1, -1)
    .match(escapes)
    ?.find((escape) => unescape(escape, '"') === undefined)
  if (bad === undefined) return `${wanted}, found ${raw}`
  return `invalid escape sequence ${bad}; write \\\\ for a backslash`
}
