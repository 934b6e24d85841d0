/** The tokens as the parser walks them, with one token of look-ahead and the rules for reporting errors. */
import { type Diagnostic, errorAt } from './diagnostic.ts'
import type { Range, Source } from './source.ts'
import { describeToken, kindName, type Token, type TokenKind } from './token.ts'

/** A walk over tokens that end with `eof`, which is never left. */
export class TokenStream {
  readonly source: Source
  readonly #tokens: readonly Token[]
  readonly #diagnostics: Diagnostic[]
  #index = 0
  #lastErrorLine = 0
  #stopped = false

  /** Errors are added to `diagnostics`. */
  constructor(source: Source, tokens: readonly Token[], diagnostics: Diagnostic[]) {
    this.source = source
    this.#tokens = tokens
    this.#diagnostics = diagnostics
  }

  /** The token to be read next. */
  get token(): Token {
    const token = this.#tokens[this.#index]
    if (token === undefined) throw new RangeError('expected tokens that end with eof')
    return token
  }

  get kind(): TokenKind {
    return this.token.kind
  }

  /** Whether the token to be read next is of a kind. */
  at(kind: TokenKind): boolean {
    return this.kind === kind
  }

  /** The offset after the last token that was read. */
  get end(): number {
    return this.#tokens[this.#index - 1]?.range.end ?? 0
  }

  /** Whether nothing else follows the current token on its line. */
  get endsLine(): boolean {
    return this.#tokens[this.#index + 1]?.line !== this.token.line
  }

  /** The white space at the start of a token's line. */
  indentation({ range }: Token): string {
    const { text } = this.source
    const start = text.lastIndexOf('\n', range.start - 1) + 1
    return /^[ \t]*/.exec(text.slice(start, range.start))?.[0] ?? ''
  }

  /** Reads a token. */
  next(): Token {
    const token = this.token
    if (token.kind !== 'eof') this.#index++
    return token
  }

  /** Reads a token, which should be of the given kind; any other is an error. */
  expect(kind: TokenKind, where = ''): Token {
    if (this.kind !== kind) this.error(`expected ${kindName(kind)}${where}, found ${this.found}`)
    return this.next()
  }

  /** How a message calls the current token. */
  get found(): string {
    return describeToken(this.token)
  }

  /** Reports an error at the current token, unless the last one was on the same line: it mostly follows from it. */
  error(message: string): void {
    if (this.#lastErrorLine === this.token.line) return
    this.#lastErrorLine = this.token.line
    this.errorAt(this.token.range, message)
  }

  /** Reports an error at a range, whatever was reported before on that line. */
  errorAt(range: Range, message: string): void {
    if (!this.#stopped) this.#diagnostics.push(errorAt(this.source, range, message))
  }

  /** Reports a last error and goes to the end of the file; what that would make missing isn't reported. */
  stop(message: string): void {
    this.errorAt(this.token.range, message)
    this.#stopped = true
    this.#index = this.#tokens.length - 1
  }

  /** Goes to the next token of one of the kinds, or to the end of the file. */
  skipTo(...kinds: readonly TokenKind[]): void {
    while (this.kind !== 'eof' && !kinds.includes(this.kind)) this.next()
  }

  /**
   * Goes to the end of the statement: the next terminator outside of all brackets that open on the way, or the brace
   * that closes the block around it.
   */
  skipStatement(): void {
    const open = { curly: 0, square: 0, round: 0 }
    for (; this.kind !== 'eof'; this.next()) {
      if (this.kind === '}' && open.curly === 0) return
      if (this.kind === '{') open.curly++
      else if (this.kind === '}') open.curly--
      else if (this.kind === '[') open.square++
      else if (this.kind === ']') open.square--
      else if (this.kind === '(') open.round++
      else if (this.kind === ')') open.round--
      else if (this.kind !== 'terminator') continue
      else if (open.curly <= 0 && open.square <= 0 && open.round <= 0) return
    }
  }
}
