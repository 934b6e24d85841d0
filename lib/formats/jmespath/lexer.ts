/** The tokens of a JMESPath expression, as the Go library go-jmespath cuts them. */
import { JsonError, readJson } from '../../go/json/reader.ts'
import { jsonValue } from './literal.ts'
import { JmespathError } from './error.ts'

export type TokenKind =
  | '*'
  | '.'
  | '[?'
  | '[]'
  | '('
  | ')'
  | '['
  | ']'
  | '{'
  | '}'
  | '||'
  | '|'
  | ','
  | ':'
  | '+'
  | '-'
  | '×'
  | '/'
  | '%'
  | '//'
  | '<'
  | '<='
  | '>'
  | '>='
  | '=='
  | '!='
  | '@'
  | '$'
  | '&'
  | '&&'
  | '!'
  | '='
  | 'number'
  | 'name'
  | 'quoted name'
  | 'literal'
  | 'string'
  | 'variable'
  | 'end'

export interface Token {
  readonly kind: TokenKind
  /** As written; of quoted names and strings the value. */
  readonly text: string
  /** The value of a literal in backticks. */
  readonly value?: unknown
  readonly offset: number
}

const blanks = /[ \t\n\r]*/y
const name = /[A-Za-z_][A-Za-z0-9_]*/y
const variable = /\$[A-Za-z0-9_]*/y
const number = /-?[0-9]+/y
const mark = /\[\?|\[\]|\|\||&&|\/\/|[<>!=]=|[*.()[\]{}|,:+\-/%<>@&!=\u2212\u00d7\u00f7]/y
// In a raw string only the quote and the backslash can be escaped; other backslashes are literal.
const rawString = /'((?:\\['\\]|\\(?!['\\])|[^'\\])*)'/y
const quotedName = /"((?:[^"\\]|\\[^])*)"/y
const literal = /`((?:[^`\\]|\\[^])*)`/y

/** Signs of mathematics that go-jmespath takes for operators. */
const alias: ReadonlyMap<string, TokenKind> = new Map([
  ['\u2212', '-'],
  ['\u00f7', '/'],
])

/** The tree of a chain is as deep as the chain is long. */
const MOST_TOKENS = 2000

/** Cuts an expression into tokens; the last one is 'end'. Throws JmespathError. */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(expression)
    if (match !== null) at = pattern.lastIndex
    return match
  }
  for (;;) {
    take(blanks)
    const offset = at
    const first = expression[at]
    if (first === undefined) break
    let match: RegExpExecArray | null
    if ((match = take(name)) !== null) tokens.push({ kind: 'name', text: match[0], offset })
    else if ((match = take(variable)) !== null)
      tokens.push({ kind: match[0] === '$' ? '$' : 'variable', text: match[0], offset })
    else if ((match = take(number)) !== null) tokens.push({ kind: 'number', text: match[0], offset })
    else if ((match = take(mark)) !== null)
      tokens.push({ kind: alias.get(match[0]) ?? (match[0] as TokenKind), text: match[0], offset })
    else if (first === "'" && (match = take(rawString)) !== null)
      tokens.push({ kind: 'string', text: match[1]!.replace(/\\(['\\])/g, '$1'), offset })
    else if (first === '"' && (match = take(quotedName)) !== null)
      tokens.push({ kind: 'quoted name', text: String(json(match[0], offset)), offset })
    else if (first === '`' && (match = take(literal)) !== null)
      tokens.push({
        kind: 'literal',
        text: match[0],
        value: json(match[1]!.replaceAll('\\`', '`'), offset),
        offset,
      })
    else if (`'"\``.includes(first)) throw new JmespathError(`a quote is not closed: ${first}`, offset)
    else if (first === '?') throw new JmespathError('there is no a ? b : c; write a && b || c', offset)
    else
      throw new JmespathError(
        `unexpected character ${JSON.stringify(String.fromCodePoint(expression.codePointAt(at)!))}`,
        offset,
      )
  }
  if (tokens.length > MOST_TOKENS) throw new JmespathError(`more than ${MOST_TOKENS} tokens`, at)
  tokens.push({ kind: 'end', text: '', offset: at })
  return tokens
}

function json(text: string, offset: number): unknown {
  try {
    return readJson(text, jsonValue)
  } catch (error) {
    if (error instanceof JsonError) throw new JmespathError(error.message, offset)
    throw error
  }
}
