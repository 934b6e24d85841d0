/** Sprig's functions of regular expressions, in Go's syntax. Patterns are compiled once and kept. */
import { messageOf } from '../../../errors.ts'
import { type Regexp, compile } from '../../regexp/regexp.ts'
import { fixed } from '../function.ts'
import { checkText } from '../limits.ts'
import { type TemplateFunction, type Value, fault, list, nilList } from '../value.ts'

/** Patterns may come from log lines, so only the latest are kept. */
const MAX_PATTERNS = 200

const compiled = new Map<string, Regexp>()

/** The compiled pattern; a bad one ends the execution. */
function regexp(pattern: string): Regexp {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  let made: Regexp
  try {
    made = compile(pattern)
  } catch (error) {
    throw fault(messageOf(error))
  }
  if (compiled.size >= MAX_PATTERNS)
    for (const oldest of compiled.keys()) return forget(oldest, pattern, made)
  compiled.set(pattern, made)
  return made
}

function forget(oldest: string, pattern: string, made: Regexp): Regexp {
  compiled.delete(oldest)
  compiled.set(pattern, made)
  return made
}

/** Go's ReplaceAllString: `$1` and `${name}` in the replacement are groups. */
export function replaceAll(pattern: string, text: string, replacement: string): string {
  checkText(text.length + replacement.length)
  return regexp(pattern).replaceAll(text, replacement)
}

/** Go's ReplaceAllLiteralString. */
export function replaceAllLiteral(pattern: string, text: string, replacement: string): string {
  checkText(text.length + replacement.length)
  return regexp(pattern).replaceAllLiteral(text, replacement)
}

/** A nil list if nothing matches. */
function texts(found: string[]): Value {
  return found.length === 0 ? nilList('string') : list(found, 'string')
}

function findAll(pattern: string, text: string, count: number): Value {
  const limit = count < 0 ? Infinity : count
  return texts(
    regexp(pattern)
      .findAll(text, limit)
      .map((match) => match.groups[0] ?? ''),
  )
}

/** A nil list only for a count of 0. */
function split(pattern: string, text: string, count: number): Value {
  const parts = regexp(pattern).split(text, count)
  return count === 0 ? nilList('string') : list(parts, 'string')
}

function find(pattern: string, text: string): string {
  return regexp(pattern).exec(text)?.groups[0] ?? ''
}

function matches(pattern: string, text: string): boolean {
  return regexp(pattern).test(text)
}

/** A bad pattern matches nothing. */
function matchesLeniently(pattern: string, text: string): boolean {
  try {
    return matches(pattern, text)
  } catch {
    return false
  }
}

const both: readonly [string, TemplateFunction][] = [
  ['FindAll', fixed(['string', 'string', 'int'], findAll)],
  ['Find', fixed(['string', 'string'], find)],
  ['ReplaceAll', fixed(['string', 'string', 'string'], replaceAll)],
  ['ReplaceAllLiteral', fixed(['string', 'string', 'string'], replaceAllLiteral)],
  ['Split', fixed(['string', 'string', 'int'], split)],
]

export const regexFunctions: readonly [string, TemplateFunction][] = [
  ...both.map(([name, fn]): [string, TemplateFunction] => [`regex${name}`, fn]),
  ...both.map(([name, fn]): [string, TemplateFunction] => [`mustRegex${name}`, fn]),
  ['regexMatch', fixed(['string', 'string'], matchesLeniently)],
  ['mustRegexMatch', fixed(['string', 'string'], matches)],
  ['regexQuoteMeta', fixed(['string'], (text) => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&'))],
]
