/**
 * Reads a config text into its syntax tree. After an error it continues past the damage, so that one pass reports
 * everything; a tree with error diagnostics has gaps and must not be evaluated.
 */
import type { Block, Expression, File, Statement } from './ast.ts'
import type { Diagnostic } from './diagnostic.ts'
import { ExpressionParser } from './expression-parser.ts'
import { Limits } from './limits.ts'
import { isIdentifier, scan } from './scanner.ts'
import type { Range, Source } from './source.ts'
import type { Token, TokenKind } from './token.ts'
import { TokenStream } from './token-stream.ts'

/** Parses a whole config file. Never throws; diagnostics are in the order of the text. */
export function parseFile(source: Source): { file: File; diagnostics: Diagnostic[] } {
  const { tokens, comments, diagnostics } = scan(source)
  const body = new Parser(new TokenStream(source, tokens, diagnostics)).file()
  return { file: { source, body, comments }, diagnostics: inOrder(diagnostics) }
}

/** Parses a single expression. Never throws; anything else is a diagnostic. */
export function parseExpression(source: Source): { expression: Expression; diagnostics: Diagnostic[] } {
  const { tokens, diagnostics } = scan(source)
  const expression = new Parser(new TokenStream(source, tokens, diagnostics)).onlyExpression()
  return { expression, diagnostics: inOrder(diagnostics) }
}

function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.toSorted((a, b) => a.range.start - b.range.start)
}

/** What comes before the `=` or the `{` of a statement. */
interface Head {
  readonly names: readonly Token[]
  readonly label?: string
  readonly labelRange?: Range
  readonly range: Range
}

class Parser {
  readonly #tokens: TokenStream
  readonly #limits: Limits
  readonly #expressions: ExpressionParser
  /** A block that may have lost its brace: the one that closes it is indented like that of another block. */
  #suspect: Token | undefined

  constructor(tokens: TokenStream) {
    this.#tokens = tokens
    this.#limits = new Limits(tokens)
    this.#expressions = new ExpressionParser(tokens, this.#limits, () => this.#body('}'))
  }

  /** File = Body */
  file(): Statement[] {
    return this.#body('eof')
  }

  onlyExpression(): Expression {
    const expression = this.#expressions.expression()
    this.#tokens.expect('terminator')
    if (this.#tokens.kind !== 'eof') this.#tokens.expect('eof')
    return expression
  }

  /** Body = [ Statement { terminator Statement } ] */
  #body(until: TokenKind): Statement[] {
    const tokens = this.#tokens
    const body: Statement[] = []
    while (tokens.kind !== until && tokens.kind !== 'eof') {
      const statement = this.#statement()
      if (statement !== undefined) body.push(statement)
      if (tokens.kind === until || tokens.at('eof')) break
      if (tokens.kind !== 'terminator') this.#unended()
      if (tokens.kind === 'terminator') tokens.next()
    }
    return body
  }

  /** More on the line of a statement: a comma, as in an object, or a further statement, as in a one-line block. */
  #unended(): void {
    const tokens = this.#tokens
    const remedy =
      tokens.kind === ','
        ? '; remove it: a line end separates the attributes of a block'
        : tokens.kind === 'identifier'
          ? '; start a new line for it'
          : ''
    tokens.error(`expected the end of the line after the statement, found ${tokens.found}${remedy}`)
    if (tokens.kind === ',' && tokens.endsLine) tokens.next()
    else tokens.skipStatement()
  }

  /**
   * Statement = Attribute | Block
   * Attribute = identifier "=" Expression
   * Block     = Head "{" Body "}"
   */
  #statement(): Statement | undefined {
    const tokens = this.#tokens
    const head = this.#head()
    if (head !== undefined && tokens.kind === '=') return this.#attribute(head)
    if (head !== undefined && tokens.kind === '{') return this.#limits.nested(() => this.#block(head))
    if (head !== undefined) {
      const either = head.names.length === 1 && head.label === undefined
      tokens.error(
        `expected ${either ? '"=" and a value, or "{" and a block' : '"{"'}, found ${tokens.found}`,
      )
    }
    // A stray brace: it closes nothing.
    if (head === undefined && tokens.kind === '}') tokens.next()
    tokens.skipStatement()
    return undefined
  }

  /** Head = identifier { "." identifier } [ string ] */
  #head(): Head | undefined {
    const tokens = this.#tokens
    const first = tokens.token
    if (first.kind !== 'identifier') {
      tokens.error(`expected the name of an attribute or a block, found ${tokens.found}`)
      return undefined
    }
    const names = [tokens.next()]
    while (tokens.kind === '.') {
      tokens.next()
      names.push(tokens.expect('identifier', ' after "."'))
    }
    const range = { start: first.range.start, end: tokens.end }
    if (tokens.kind === '=' || tokens.kind === '{') return { names, range }
    return { names, range, ...this.#label() }
  }

  #label(): { label?: string; labelRange?: Range } {
    const tokens = this.#tokens
    const { kind, text, range } = tokens.token
    if (kind !== 'string') {
      tokens.error(`expected a label in double quotes, "=" or "{", found ${tokens.found}`)
      if (kind !== 'terminator' && kind !== '}') tokens.next()
      return {}
    }
    const label = text.length > 2 ? text.slice(1, -1) : undefined
    if (text.startsWith('`')) tokens.error(`expected a label in double quotes, found the raw string ${text}`)
    if (label !== undefined && !isIdentifier(label)) {
      tokens.error(
        `expected a label of letters, digits and "_" that does not start with a digit, found ${text}`,
      )
    }
    tokens.next()
    return { label, labelRange: range }
  }

  #attribute(head: Head): Statement {
    const tokens = this.#tokens
    tokens.next()
    if (head.names.length > 1) {
      const name = head.names.map((token) => token.text).join('.')
      tokens.errorAt(head.range, `an attribute is named by one identifier without dots, found ${name}`)
    } else if (head.labelRange !== undefined) {
      tokens.errorAt(head.labelRange, 'an attribute has no label; remove it, or write a block')
    }
    const value = this.#expressions.expression()
    const { text: name, range: nameRange } = head.names[0] ?? tokens.token
    return { kind: 'attribute', name, nameRange, value, range: { start: nameRange.start, end: tokens.end } }
  }

  #block(head: Head): Block {
    const tokens = this.#tokens
    const open = tokens.next()
    const body = this.#body('}')
    const close = this.#close(open)
    return {
      kind: 'block',
      name: head.names.map((token) => token.text).join('.'),
      nameRange: head.range,
      label: head.label,
      labelRange: head.labelRange,
      body,
      open: open.range,
      close: close.range,
      range: { start: head.range.start, end: tokens.end },
    }
  }

  /** The brace that closes a block. Where one is missing at the end, the indentation tells which block lacks it. */
  #close(open: Token): Token {
    const tokens = this.#tokens
    if (tokens.kind === '}') {
      const close = tokens.token
      if (close.line !== open.line && tokens.indentation(close) !== tokens.indentation(open))
        this.#suspect ??= open
    }
    const other =
      this.#suspect === undefined || this.#suspect === open || tokens.kind !== 'eof'
        ? ''
        : ` (or rather that of line ${this.#suspect.line}: the next "}" is indented differently)`
    return tokens.expect('}', ` to close the block opened on line ${open.line}${other}`)
  }
}
