/** Parses JSON paths; the dialect is that of the Go library ojg (https://pkg.go.dev/github.com/ohler55/ojg/jp). */
import { messageOf } from '../../errors.ts'
import { RE2JS } from 're2js'
import { ValueError, type Value } from '../value.ts'
import {
  functions,
  operators,
  type Equation,
  type Fragment,
  type FunctionName,
  type Operator,
} from './json-path-tree.ts'
import type { Path } from './json-path-tree.ts'

const maxDepth = 100

interface Reader {
  readonly text: string
  at: number
  depth: number
}

/** The steps of a path; the leading `$` may be left out. Throws ValueError, with the place, for anything else. */
export function parsePath(text: string): Path {
  const reader: Reader = { text, at: 0, depth: 0 }
  const path = readPath(reader)
  if (reader.at < text.length) throw problem(reader, 'a path cannot continue like this')
  return path
}

function problem(reader: Reader, what: string): ValueError {
  return new ValueError(
    `invalid JSON path ${JSON.stringify(reader.text)} at character ${reader.at + 1}: ${what}`,
  )
}

function peek(reader: Reader): string {
  return reader.text[reader.at] ?? ''
}

function skipBlanks(reader: Reader): string {
  while (peek(reader) === ' ') reader.at++
  return peek(reader)
}

function expectNext(reader: Reader, character: string): void {
  if (skipBlanks(reader) !== character) throw problem(reader, `expected "${character}"`)
  reader.at++
}

// Characters of a name without quotes. A dash is none of them: `$['a-b']`.
function isNameCharacter(character: string): boolean {
  return /^[#%0-9;?A-Z^_a-z{|}~\u0080-\uffff]$/.test(character)
}

// path = [ "$" | "@" | name ] { "." name | "." "*" | ".." [ name ] | "*" | "[" bracket "]" }
function readPath(reader: Reader): Fragment[] {
  const path: Fragment[] = []
  for (;;) {
    const fragment = readFragment(reader, path)
    if (fragment === undefined) return path
    path.push(fragment)
  }
}

function readFragment(reader: Reader, before: readonly Fragment[]): Fragment | undefined {
  const first = before.length === 0
  const character = peek(reader)
  if (first && (character === '$' || character === '@')) {
    reader.at++
    return { kind: character === '$' ? 'root' : 'self' }
  }
  if (character === '.') {
    reader.at++
    return afterDot(reader)
  }
  if (character === '*') {
    // Inside a filter this is the multiplication; a path ends before it only after a blank.
    reader.at++
    return { kind: 'wildcard' }
  }
  if (character === '[') {
    reader.at++
    return readBracket(reader)
  }
  const bare = first || before.at(-1)!.kind === 'descent'
  return bare && isNameCharacter(character) ? { kind: 'child', name: readName(reader) } : undefined
}

function readName(reader: Reader): string {
  const start = reader.at
  while (isNameCharacter(peek(reader))) reader.at++
  return reader.text.slice(start, reader.at)
}

function afterDot(reader: Reader): Fragment {
  const character = peek(reader)
  if (character === '') throw problem(reader, 'not terminated')
  if (character === '*' || character === '.') {
    reader.at++
    return { kind: character === '*' ? 'wildcard' : 'descent' }
  }
  if (!isNameCharacter(character))
    throw problem(reader, `a name cannot start with ${JSON.stringify(character)}`)
  return { kind: 'child', name: readName(reader) }
}

// bracket = "*" | "?" equation | slice | union
function readBracket(reader: Reader): Fragment {
  const character = skipBlanks(reader)
  if (character === '') throw problem(reader, 'not terminated')
  if (character === '*') {
    reader.at++
    expectNext(reader, ']')
    return { kind: 'wildcard' }
  }
  if (character === '?') {
    reader.at++
    let equation = readEquation(reader)
    expectNext(reader, ']')
    // `(@.a)` in an equation means its value only, but around a whole filter it means "there is one".
    while (equation.kind === 'group') equation = equation.of
    return { kind: 'filter', equation }
  }
  if (character === ':') return readSlice(reader, 0)
  if (character === '(') throw problem(reader, 'scripts are not supported')
  const item = readItem(reader)
  const next = skipBlanks(reader)
  if (next === ':' && typeof item === 'number') return readSlice(reader, item)
  return readUnion(reader, item)
}

// item = string | integer
function readItem(reader: Reader): string | number {
  const character = skipBlanks(reader)
  if (character === '"' || character === "'") return readString(reader)
  return readInteger(reader)
}

// union = item { "," item }
function readUnion(reader: Reader, item: string | number): Fragment {
  const items = [item]
  while (skipBlanks(reader) === ',') {
    reader.at++
    items.push(readItem(reader))
  }
  expectNext(reader, ']')
  if (items.length > 1) return { kind: 'union', items }
  return typeof item === 'string' ? { kind: 'child', name: item } : { kind: 'nth', index: item }
}

// slice = [ integer ] ":" [ integer ] [ ":" [ integer ] ]
function readSlice(reader: Reader, start: number): Fragment {
  reader.at++
  let end: number | undefined
  let step = 1
  if (!/^[:\]]$/.test(skipBlanks(reader))) end = readInteger(reader)
  if (skipBlanks(reader) === ':') {
    reader.at++
    if (skipBlanks(reader) !== ']') step = readInteger(reader)
  }
  expectNext(reader, ']')
  return { kind: 'slice', start, end, step }
}

function matchHere(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at
  const match = pattern.exec(reader.text)
  if (match === null) return undefined
  reader.at = pattern.lastIndex
  return match[0]
}

function readInteger(reader: Reader): number {
  const text = matchHere(reader, /-?[0-9]+/y)
  if (text === undefined) throw problem(reader, 'expected an index, a slice, a name in quotes, "*" or "?"')
  return Number(text)
}

const escapes: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' }

function readString(reader: Reader): string {
  const quote = peek(reader)
  reader.at++
  let result = ''
  for (;;) {
    const character = peek(reader)
    if (character === '') throw problem(reader, `expected a closing ${quote}`)
    reader.at++
    if (character === quote) return result
    result += character === '\\' ? readEscape(reader) : character
  }
}

function readEscape(reader: Reader): string {
  const character = peek(reader)
  reader.at++
  if (/^["'\\]$/.test(character)) return character
  const simple = escapes[character]
  if (simple !== undefined) return simple
  let digits: string | undefined
  if (character === 'x') digits = matchHere(reader, /[0-9a-fA-F]{2}/y)
  if (character === 'u' || character === 'U') digits = matchHere(reader, /[0-9a-fA-F]{4}/y)
  if (digits === undefined) throw problem(reader, `bad escape \\${character}`)
  return String.fromCharCode(parseInt(digits, 16))
}

// Operators of a lower number bind tighter; `&&` and `||` bind alike, as in ojg.
function precedence(operator: Operator): number {
  if (operator === '*' || operator === '/') return 1
  if (operator === '+' || operator === '-') return 2
  return operator === '&&' || operator === '||' ? 4 : 3
}

// equation = operand { operator operand }
function readEquation(reader: Reader, limit = 4): Equation {
  if (++reader.depth > maxDepth) throw problem(reader, `nested deeper than ${maxDepth} levels`)
  let left = readOperand(reader)
  for (;;) {
    const character = skipBlanks(reader)
    if (character === '' || character === ',' || character === ')' || character === ']') break
    const start = reader.at
    const operator = readOperator(reader)
    const level = precedence(operator)
    if (level > limit) {
      reader.at = start
      break
    }
    left = { kind: 'binary', operator, left, right: readEquation(reader, level - 1) }
  }
  reader.depth--
  return left
}

function readOperator(reader: Reader): Operator {
  const found = operators.find((operator) => reader.text.startsWith(operator, reader.at))
  if (found === undefined) throw problem(reader, 'expected an operator such as == or &&')
  reader.at += found.length
  return found
}

// operand = "!" equation | "(" equation ")" | path | constant | list | "/" regex "/" | function "(" ... ")"
function readOperand(reader: Reader): Equation {
  const character = skipBlanks(reader)
  switch (character) {
    case '!':
      reader.at++
      // All that follows is negated, up to the end of the parentheses; as in ojg.
      return { kind: 'not', of: readEquation(reader) }
    case '(': {
      reader.at++
      const equation = readEquation(reader)
      expectNext(reader, ')')
      return { kind: 'group', of: equation }
    }
    case '@':
    case '$':
      return { kind: 'path', path: readOperandPath(reader) }
    case '[':
      return { kind: 'list', values: readList(reader) }
    case '/':
      return { kind: 'regex', regex: readRegex(reader) }
    default: {
      const constant = readConstant(reader)
      return constant === undefined ? readWord(reader) : { kind: 'constant', value: constant }
    }
  }
}

function readOperandPath(reader: Reader): Fragment[] {
  if (++reader.depth > maxDepth) throw problem(reader, `nested deeper than ${maxDepth} levels`)
  const path = readPath(reader)
  reader.depth--
  return path
}

function readConstant(reader: Reader): Value | undefined {
  const character = peek(reader)
  if (character === '"' || character === "'") return readString(reader)
  const number = matchHere(reader, /-?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?/y)
  if (number === undefined) return undefined
  return /^-?[0-9]+$/.test(number) ? BigInt.asIntN(64, BigInt(number)) : Number(number)
}

function readWord(reader: Reader): Equation {
  const start = reader.at
  const word = matchHere(reader, /Nothing|[a-z]+/y) ?? ''
  if (word === 'Nothing') return { kind: 'nothing' }
  if (word === 'true' || word === 'false') return { kind: 'constant', value: word === 'true' }
  if (word === 'null') return { kind: 'constant', value: null }
  if (!Object.hasOwn(functions, word)) {
    reader.at = start
    throw problem(reader, 'expected a value or a function')
  }
  const name = word as FunctionName
  if (peek(reader) !== '(') throw problem(reader, `expected "(" after ${word}`)
  reader.at++
  const args = [readEquation(reader)]
  while (args.length < functions[name]) {
    expectNext(reader, ',')
    args.push(readEquation(reader))
  }
  expectNext(reader, ')')
  return { kind: 'call', name, args }
}

// list = "[" [ constant { "," constant } ] "]"
function readList(reader: Reader): Value[] {
  const values: Value[] = []
  reader.at++
  while (skipBlanks(reader) !== ']') {
    const equation = readOperand(reader)
    if (equation.kind !== 'constant') throw problem(reader, 'a list holds constants only')
    values.push(equation.value)
    if (skipBlanks(reader) !== ',') break
    reader.at++
  }
  expectNext(reader, ']')
  return values
}

function readRegex(reader: Reader): RE2JS {
  const start = ++reader.at
  while (peek(reader) !== '/') {
    if (peek(reader) === '') throw problem(reader, 'expected a closing /')
    reader.at += peek(reader) === '\\' ? 2 : 1
  }
  const pattern = reader.text.slice(start, reader.at++)
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    throw problem(reader, messageOf(error))
  }
}
