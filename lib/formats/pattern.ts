/** Loki's line patterns, `<ip> - <_> "<method> <path>"`: literal texts with captures between them. */
import { LogstreamError } from '../errors.ts'

/** A compiled pattern. */
export interface Pattern {
  /** The names of the captures, in order, without the unnamed ones. */
  readonly names: readonly string[]
  /**
   * The values of the first captures, or undefined if the text doesn't match: it is empty, or doesn't begin
   * with the literal that the pattern begins with. At a literal that is missing the capture before it takes the rest
   * of the text, and the captures after it have no values. Those that `wanted` says false for are ''.
   */
  captures(text: string, wanted?: readonly boolean[]): string[] | undefined
}

/** One capture and the literal after it; '' at the end of the pattern. */
interface Step {
  /** Empty for `<_>`. */
  readonly name: string
  readonly until: string
}

const CAPTURE = /<([a-zA-Z_][a-zA-Z0-9_]*)>/g

function refuse(pattern: string, message: string): LogstreamError {
  return new LogstreamError('BAD_ARGUMENT', `bad pattern ${JSON.stringify(pattern)}: ${message}`, {
    option: 'pattern',
  })
}

/**
 * Compiles a pattern (https://grafana.com/docs/loki/latest/query/log_queries/#pattern). Anything but a capture is
 * literal text, `<1>` and `< >` too.
 *
 * @throws {LogstreamError} BAD_ARGUMENT for a pattern without a named capture, with two captures side by side or with
 *   one name twice
 */
// pattern = [ literal ] capture { literal capture } [ literal ]   capture = "<" ( name | "_" ) ">"
export function compilePattern(pattern: string): Pattern {
  const { start, steps } = patternParts(pattern)
  const names = steps.map(({ name }) => name).filter((name) => name !== '')
  if (names.length === 0) throw refuse(pattern, 'expected a named capture, such as <level>')
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw refuse(pattern, `the name <${twice}> is used twice: use <_> for one of them`)
  return { names, captures: (text, wanted) => capture({ start, steps }, text, wanted) }
}

/** The literal that a pattern begins with, and its captures. */
export function patternParts(pattern: string): { readonly start: string; readonly steps: readonly Step[] } {
  const found = [...pattern.matchAll(CAPTURE)]
  const steps: Step[] = []
  for (const [i, match] of found.entries()) {
    const end = match.index + match[0].length
    const next = found[i + 1]
    if (next?.index === end)
      throw refuse(pattern, `nothing tells ${match[0]} from ${next[0]}: put a text between them`)
    const name = match[1]!
    steps.push({ name: name === '_' ? '' : name, until: pattern.slice(end, next?.index) })
  }
  return { start: pattern.slice(0, found[0]?.index), steps }
}

function capture(
  { start, steps }: { readonly start: string; readonly steps: readonly Step[] },
  text: string,
  wanted: readonly boolean[] | undefined,
): string[] | undefined {
  if (text === '' || !text.startsWith(start)) return undefined
  const values: string[] = []
  let at = start.length
  for (let i = 0; i < steps.length; i++) {
    const { name, until } = steps[i]!
    const end = until === '' ? -1 : text.indexOf(until, at)
    if (name !== '') {
      const isWanted = wanted?.[values.length] !== false
      values.push(isWanted ? text.slice(at, end < 0 ? undefined : end) : '')
    }
    if (end < 0) break
    at = end + until.length
  }
  return values
}
