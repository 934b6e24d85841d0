/** The words of the config language: what the scanner makes of a text and what the parser reads. */
import type { Range } from './source.ts'

/** Operators and brackets are named by their own text. */
export type Punctuation =
  | '||'
  | '&&'
  | '!'
  | '='
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | '{'
  | '}'
  | '('
  | ')'
  | '['
  | ']'
  | ','
  | '.'

/** `terminator` is the end of a statement: a line end, or the end of the file, after a token that can end one. */
export type TokenKind =
  | 'illegal'
  | 'eof'
  | 'terminator'
  | 'identifier'
  | 'number'
  | 'float'
  | 'string'
  | 'bool'
  | 'null'
  | Punctuation

/** One word. `text` is as written, quotes included; `line` counts from 1 and is that of the first character. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly range: Range
  readonly line: number
}

/** How a message calls a kind of token: `a string`, `"{"`. */
export function kindName(kind: TokenKind): string {
  switch (kind) {
    case 'eof':
      return 'the end of the file'
    case 'terminator':
      return 'the end of the line'
    case 'illegal':
      return 'a character that means nothing here'
    case 'identifier':
      return 'a name'
    case 'number':
    case 'float':
      return 'a number'
    case 'string':
      return 'a string'
    case 'bool':
      return 'a bool'
    case 'null':
      return 'null'
    default:
      return `"${kind}"`
  }
}

const shownLength = 40

/** How a message calls one token that was found: its kind and, for words, its text. */
export function describeToken(token: Token): string {
  const { kind } = token
  const text = token.text.length > shownLength ? `${token.text.slice(0, shownLength)}...` : token.text
  switch (kind) {
    case 'identifier':
      return `the name ${text}`
    case 'number':
    case 'float':
      return `the number ${text}`
    case 'string':
      return `the string ${text.replaceAll('\n', ' ')}`
    case 'bool':
      return text
    default:
      return kindName(kind)
  }
}
