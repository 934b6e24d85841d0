/** Patterns of line filters, `|> "<_> level=<_> done"`: literal texts with something between them. */
import { LogqlError } from '../syntax/error.ts'

const CAPTURE = /<([a-zA-Z_][a-zA-Z0-9_]*)>/g

/** Literals by their place; undefined is a capture. */
type Parts = readonly (string | undefined)[]

function parse(pattern: string): Parts {
  const parts: (string | undefined)[] = []
  let at = 0
  for (const match of pattern.matchAll(CAPTURE)) {
    if (match[1] !== '_')
      throw new LogqlError(`named captures are not allowed: found '${match[0]}'; write <_> in a line filter`)
    if (match.index > at) parts.push(pattern.slice(at, match.index))
    else if (parts.length > 0)
      throw new LogqlError(`found consecutive capture '<_><_>': put a text between them`)
    parts.push(undefined)
    at = match.index + match[0].length
  }
  if (at < pattern.length) parts.push(pattern.slice(at))
  return parts
}

function test(parts: Parts, line: string): boolean {
  if (line === '' || parts.length === 0) return line === '' && parts.length === 0
  let at = 0
  for (let i = 0; i < parts.length; i++) {
    const literal = parts[i]
    if (literal === undefined) continue
    const found = line.indexOf(literal, at)
    // A capture must hold something: only the first literal may stand right where the search begins.
    if (found < 0 || (i !== 0 && found === at)) return false
    at = found + literal.length
  }
  return (parts.at(-1) === undefined) === at < line.length
}

/**
 * A test of whole lines. Captures hold at least one letter, and a literal at the end must end the line; one at the
 * start may be found anywhere, as in Loki. The empty pattern matches the empty line only.
 *
 * @throws {LogqlError} for named captures and for two side by side
 */
export function compileLinePattern(pattern: string): (line: string) => boolean {
  const parts = parse(pattern)
  return (line) => test(parts, line)
}
