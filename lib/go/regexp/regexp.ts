/**
 * Go's regular expressions (RE2 syntax, leftmost-first) with the same meaning and in linear time: patterns are
 * parsed here, run by V8 where that is proven to be safe, and by re2js where it isn't.
 */
import { LogstreamError, messageOf } from '../../errors.ts'
import { expand, parseTemplate } from './expand.ts'
import type { RawMatch } from './fallback.ts'
import type { BytePattern, Engine } from './matcher.ts'
import { PatternMatcher } from './matcher.ts'
import type { Refusal } from './parse.ts'
import { parse } from './parse.ts'
import type { Expression } from './syntax.ts'

/** A match. Offsets count UTF-16 units. */
export interface Match {
  readonly index: number
  readonly end: number
  /** The whole match at 0, then the groups; undefined for a group that took no part. */
  readonly groups: readonly (string | undefined)[]
}

/** A compiled pattern. It keeps no state, so one may be shared; every result is a fresh array. */
export interface Regexp {
  /** The pattern as it was written. */
  readonly source: string
  /** Names by group; 0 is the whole match and has none. */
  readonly groupNames: readonly (string | undefined)[]
  /** The distinct names, in the order of their first groups. */
  readonly names: readonly string[]
  /** What runs it: `cut` and `v8` fall back to re2js on texts that V8 may not search. */
  readonly engine: Engine
  test(text: string): boolean
  /** The first match, or null. */
  exec(text: string): Match | null
  /**
   * The values of the first match in the order of `names`, or null. Of groups with one name the last counts; a
   * group that took no part is ''.
   */
  captureNamed(text: string): string[] | null
  /**
   * As `captureNamed` over bytes, for patterns that can be run so: value i of `names` lies at 2i and 2i + 1 of the spans.
   * Text without a match that may still have one has to be looked at with `captureNamed`.
   */
  namedOverBytes(): BytePattern | undefined
  /** The matches in order, `limit` of them at most; as FindAllStringSubmatch of Go. */
  findAll(text: string, limit?: number): Match[]
  /** The matches as pairs of offsets for each group, -1 for one that took no part. */
  findAllIndex(text: string, limit?: number): number[][]
  /** Replaces every match by a template with `$1`, `$name`, `${name}` and `$$`; as ReplaceAllString of Go. */
  replaceAll(text: string, template: string): string
  /** Replaces every match by the same text. */
  replaceAllLiteral(text: string, replacement: string): string
  replaceAllFunc(text: string, replace: (match: Match) => string): string
  /** The texts between the matches, `limit` of them at most, the last with the rest; as Split of Go. */
  split(text: string, limit?: number): string[]
}

/**
 * Compiles a pattern.
 *
 * @throws {LogstreamError} BAD_REGEX, with the pattern, the offset, the reason and what to do
 */
export function compile(pattern: string): Regexp {
  return new GoRegexp(pattern, parsed(pattern, parse(pattern)))
}

/**
 * Compiles a pattern that has to match the whole text, as `^(?s:pattern)$`: label matchers and relabel rules.
 *
 * @param options.dotAll whether `.` matches `\n` too; true if left out
 * @throws {LogstreamError} BAD_REGEX, as compile does
 */
export function compileAnchored(pattern: string, options: { readonly dotAll?: boolean } = {}): Regexp {
  const { tree, groupNames } = parsed(pattern, parse(pattern, { dotAll: options.dotAll ?? true }))
  const middle = tree.kind === 'concat' ? tree.subs : [tree]
  const subs = [{ kind: 'place', at: 'textStart' }, ...middle, { kind: 'place', at: 'textEnd' }] as const
  return new GoRegexp(pattern, { tree: { kind: 'concat', subs }, groupNames })
}

function parsed(pattern: string, result: Expression | Refusal): Expression {
  if ('tree' in result) return result
  const { reason, offset, excerpt } = result
  const part = excerpt === '' ? '' : `: \`${excerpt}\``
  throw new LogstreamError(
    'BAD_REGEX',
    `bad regular expression \`${pattern}\`: ${reason}${part} at offset ${offset}; ${advice(reason)}`,
  )
}

function advice(reason: string): string {
  switch (reason) {
    case 'invalid or unsupported Perl syntax':
    case 'invalid named capture':
      return 'look-arounds, atomic groups and comments do not exist in RE2, and a named group is (?P<name>...)'
    case 'invalid escape sequence':
      return 'back references do not exist in RE2; escape a backslash to match one'
    case 'invalid UTF-8':
      return 'write a character by its number, such as \\x{e9}'
    case 'invalid repeat count':
      return 'counts go up to 1000, nested ones multiplied'
    case 'missing closing )':
    case 'unexpected )':
      return 'balance the parentheses, or escape one to match it'
    default:
      return 'write it in RE2 syntax (https://github.com/google/re2/wiki/Syntax)'
  }
}

function toMatch(raw: RawMatch): Match {
  return { index: raw.index, end: raw.index + raw[0]!.length, groups: raw }
}

/** The offset after the code point at `at`; at the end, one more than the length. */
function step(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xff_ff ? 2 : 1)
}

class GoRegexp implements Regexp {
  readonly source: string
  readonly groupNames: readonly (string | undefined)[]
  readonly names: readonly string[]
  readonly engine: Engine
  readonly #matcher: PatternMatcher
  /** For each name the group that holds its value. */
  readonly #captures: readonly number[]

  constructor(source: string, expression: Expression) {
    const { groupNames } = expression
    this.source = source
    this.groupNames = groupNames
    this.names = [...new Set(groupNames.filter((name) => name !== undefined))]
    this.#captures = this.names.map((name) => groupNames.lastIndexOf(name))
    try {
      this.#matcher = new PatternMatcher(expression)
    } catch (cause) {
      const message = `bad regular expression \`${source}\`: ${messageOf(cause)} at offset 0; make it smaller`
      throw new LogstreamError('BAD_REGEX', message, { cause })
    }
    this.engine = this.#matcher.engine
  }

  test(text: string): boolean {
    return this.#matcher.test(text)
  }

  exec(text: string): Match | null {
    const raw = this.#matcher.exec(text)
    return raw === null ? null : toMatch(raw)
  }

  captureNamed(text: string): string[] | null {
    const raw = this.#matcher.exec(text)
    if (raw === null) return null
    const captures = this.#captures
    // oxlint-disable-next-line unicorn/no-new-array -- filled at once, and faster than growing on the hot path
    const values = new Array<string>(captures.length)
    for (let i = 0; i < captures.length; i++) values[i] = raw[captures[i]!] ?? ''
    return values
  }

  namedOverBytes(): BytePattern | undefined {
    return this.#matcher.overBytes(this.groupNames.map((_, group) => this.#captures.indexOf(group)))
  }

  findAll(text: string, limit = Infinity): Match[] {
    const found: Match[] = []
    this.#each(text, limit, (from) => {
      const raw = this.#matcher.execFrom(text, from)
      if (raw === null) return null
      const match = toMatch(raw)
      return [match.index, match.end, () => found.push(match)]
    })
    return found
  }

  findAllIndex(text: string, limit = Infinity): number[][] {
    const found: number[][] = []
    this.#each(text, limit, (from) => {
      const spans = this.#matcher.spansFrom(text, from)
      return spans && [spans[0]!, spans[1]!, () => found.push(spans)]
    })
    return found
  }

  replaceAll(text: string, template: string): string {
    if (!template.includes('$')) return this.replaceAllLiteral(text, template)
    const pieces = parseTemplate(template, this.groupNames)
    return this.#replace(text, (raw) => expand(pieces, raw))
  }

  replaceAllLiteral(text: string, replacement: string): string {
    return this.#replace(text, () => replacement)
  }

  replaceAllFunc(text: string, replace: (match: Match) => string): string {
    return this.#replace(text, (raw) => replace(toMatch(raw)))
  }

  split(text: string, limit = -1): string[] {
    if (limit === 0) return []
    if (this.source !== '' && text === '') return ['']
    const parts: string[] = []
    let start = 0
    let end = 0
    for (const span of this.findAllIndex(text, limit < 0 ? Infinity : limit)) {
      if (limit > 0 && parts.length >= limit - 1) break
      end = span[0]!
      if (span[1] !== 0) parts.push(text.slice(start, end))
      start = span[1]!
    }
    if (end !== text.length) parts.push(text.slice(start))
    return parts
  }

  /** Go's rule for successive matches: an empty one right after another is left out. */
  #each(
    text: string,
    limit: number,
    next: (from: number) => readonly [start: number, end: number, take: () => void] | null,
  ): void {
    const most = limit < 0 ? Infinity : limit
    let previousEnd = -1
    for (let from = 0, count = 0; count < most && from <= text.length;) {
      const match = next(from)
      if (match === null) return
      const [start, end, take] = match
      const accept = end !== from || start !== previousEnd
      from = end === from ? step(text, from) : end
      previousEnd = end
      if (!accept) continue
      take()
      count++
    }
  }

  #replace(text: string, replacement: (match: RawMatch) => string): string {
    let raw = this.#matcher.exec(text)
    if (raw === null) return text
    let out = ''
    let last = 0
    for (let from = 0; raw !== null; raw = from > text.length ? null : this.#matcher.execFrom(text, from)) {
      const end = raw.index + raw[0]!.length
      out += text.slice(last, raw.index)
      if (end > last || raw.index === 0) out += replacement(raw)
      last = end
      from = Math.max(end, step(text, from))
    }
    return out + text.slice(last)
  }
}
