/** Label matchers: `{app="a", env=~"p.+"}` against label sets, and the regular expressions of queries. */
import { LogstreamError } from '../../errors.ts'
import { type Regexp, compile, compileAnchored } from '../../go/regexp/regexp.ts'
import type { LabelMatcher } from '../syntax/ast.ts'
import { LogqlError } from '../syntax/error.ts'

/** What a selector needs to know of a label set. */
export interface SelectedLabels {
  get(name: string): string | undefined
}

/** Tells whether a value matches; a label that is not there has the empty value. */
export type ValueTest = (value: string) => boolean

function compileWith<T>(offset: number | undefined, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    if (!(cause instanceof LogstreamError)) throw cause
    throw new LogqlError(cause.message, { ...(offset === undefined ? {} : { offset }), cause })
  }
}

/** An expression that has to match the whole text; its `.` matches line ends unless `dotAll` is false. @throws {LogqlError} */
export function compileWhole(pattern: string, offset?: number, dotAll = true): Regexp {
  return compileWith(offset, () => compileAnchored(pattern, { dotAll }))
}

/** An expression that may match anywhere. @throws {LogqlError} */
export function compileAnywhere(pattern: string, offset?: number): Regexp {
  return compileWith(offset, () => compile(pattern))
}

/** @throws {LogqlError} for a bad regular expression */
export function compileMatcher(matcher: LabelMatcher, offset?: number): ValueTest {
  const { operator, value } = matcher
  if (operator === '=') return (text) => text === value
  if (operator === '!=') return (text) => text !== value
  const regexp = compileWhole(value, offset)
  return operator === '=~' ? (text) => regexp.test(text) : (text) => !regexp.test(text)
}

/**
 * A test of label sets against all matchers.
 *
 * @throws {LogqlError} for a bad regular expression
 */
export function compileMatchers(
  matchers: readonly LabelMatcher[],
  offset?: number,
): (labels: SelectedLabels) => boolean {
  const tests = matchers.map((matcher) => ({ name: matcher.name, test: compileMatcher(matcher, offset) }))
  return (labels) => {
    for (const { name, test } of tests) if (!test(labels.get(name) ?? '')) return false
    return true
  }
}

/**
 * Whether at least one matcher refuses the empty value, so that the selector cannot mean every stream there is.
 * Loki does not count `!="x"` and `!~"x"` unless they refuse the empty value.
 */
export function selectsSomething(matchers: readonly LabelMatcher[]): boolean {
  return matchers.some((matcher) => !compileMatcher(matcher)(''))
}
