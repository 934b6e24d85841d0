/** The tokens of a template as its parser takes them, and what it keeps while it does. */
import type { Token, TokenKind } from './lexer.ts'
import { MAX_NESTING } from './limits.ts'
import { templateError } from './position.ts'
import type { Node } from './tree.ts'

export interface State {
  readonly source: string
  readonly tokens: Token[]
  next: number
  readonly isFunction: (name: string) => boolean
  readonly defined: Map<string, Node[]>
  variables: string[]
  ranges: number
  nesting: number
  /** The offset of the action that is being read, for errors that are found at its end. */
  action: number
}

const endToken: Token = { kind: 'end', text: '', at: 0 }

export function fail(state: State, at: number, reason: string): never {
  throw templateError(state.source, at, reason)
}

export function peek(state: State): Token {
  return state.tokens[state.next] ?? endToken
}

/** The next token other than space, which stays the next. */
export function peekSolid(state: State): Token {
  while (peek(state).kind === 'space') state.next++
  return peek(state)
}

/** The next token other than space. Throws for an error token, so that the last token is never passed. */
export function take(state: State): Token {
  const token = peekSolid(state)
  if (token.kind === 'error') {
    const unclosed = token.text === 'unclosed action'
    fail(state, unclosed ? state.action : token.at, token.text)
  }
  if (token.kind !== 'end') state.next++
  return token
}

function describe(token: Token): string {
  if (token.kind === 'end') return 'the end of the template'
  if (token.kind === 'keyword' || token.kind === 'open') return `{{${token.text.replace('{{', '')}}}`
  return JSON.stringify(token.text.length > 20 ? `${token.text.slice(0, 20)}...` : token.text)
}

export function unexpected(state: State, token: Token, context: string): never {
  if (token.kind === 'error') fail(state, token.at, token.text)
  return fail(state, token.at, `unexpected ${describe(token)} in ${context}`)
}

export function expect(state: State, kind: TokenKind, context: string): Token {
  const token = take(state)
  return token.kind === kind ? token : unexpected(state, token, context)
}

export function isKeyword(token: Token, word: string): boolean {
  return token.kind === 'keyword' && token.text === word
}

/** Runs a part that may contain itself, with a bound on how deep. */
export function nested<T>(state: State, part: () => T): T {
  if (++state.nesting > MAX_NESTING) {
    fail(state, peek(state).at, `more than ${MAX_NESTING} parentheses or blocks within each other`)
  }
  const result = part()
  state.nesting--
  return result
}
/** The token after an action's `{{`, which is not taken yet. */
export function afterOpen(state: State): Token {
  let at = state.next + 1
  while (state.tokens[at]?.kind === 'space') at++
  return state.tokens[at] ?? endToken
}
