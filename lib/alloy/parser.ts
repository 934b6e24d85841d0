/**
 * Reads a config text into its syntax tree. After an error it continues past the damage, so that one pass reports
 * everything; a tree with error diagnostics has gaps and must not be evaluated.
 */
import type {
  ArrayLiteral,
  BinaryOperator,
  Block,
  Expression,
  File,
  Literal,
  ObjectField,
  ObjectLiteral,
  Statement,
} from './ast.ts'
import type { Diagnostic } from './diagnostic.ts'
import { isIdentifier, scan } from './scanner.ts'
import type { Range, Source } from './source.ts'
import type { Token, TokenKind } from './token.ts'
import { TokenStream } from './token-stream.ts'

/** So many blocks and values may lie in one another: it keeps the parser far away from the end of the stack. */
export const maxNesting = 250

/** An expression has at most so many levels, chains like `1 + 1 + 1` included: walking it by recursion is safe. */
export const maxHeight = 500

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

const precedences: ReadonlyMap<TokenKind, number> = new Map<TokenKind, number>([
  ['||', 1],
  ['&&', 2],
  ...(['==', '!=', '<', '<=', '>', '>='] as const).map((kind) => [kind, 3] as const),
  ...(['+', '-'] as const).map((kind) => [kind, 4] as const),
  ...(['*', '/', '%'] as const).map((kind) => [kind, 5] as const),
])

const literalTypes: ReadonlySet<TokenKind> = new Set<TokenKind>(['number', 'float', 'string', 'bool', 'null'])

/** What comes before the `=` or the `{` of a statement. */
interface Head {
  readonly names: readonly Token[]
  readonly label?: string
  readonly labelRange?: Range
  readonly range: Range
}

class Parser {
  readonly #tokens: TokenStream
  /** How many parse functions that can nest are at work. */
  #nesting = 0
  /** The levels below an expression; leaves are left out. Chains such as `1 + 1 + 1` are deep without nesting. */
  readonly #heights = new WeakMap<Expression, number>()

  constructor(tokens: TokenStream) {
    this.#tokens = tokens
  }

  /** File = Body */
  file(): Statement[] {
    return this.#body('eof')
  }

  onlyExpression(): Expression {
    const expression = this.#expression()
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
      if (tokens.kind !== 'terminator') {
        tokens.error(`expected the end of the line after the statement, found ${tokens.found}`)
        tokens.skipStatement()
      }
      tokens.next()
    }
    return body
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
    if (head !== undefined && tokens.kind === '{') return this.#nested(() => this.#block(head))
    if (head !== undefined) {
      const either = head.names.length === 1 && head.label === undefined
      tokens.error(
        `expected ${either ? '"=" and a value, or "{" and a block' : '"{"'}, found ${tokens.found}`,
      )
    }
    tokens.skipTo('identifier')
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
      tokens.next()
      return {}
    }
    const label = text.length > 2 ? text.slice(1, -1) : undefined
    if (text.startsWith('`')) tokens.error(`expected a label in double quotes, found the raw string ${text}`)
    if (label !== undefined && !isIdentifier(label)) {
      tokens.error(`expected a label of letters, digits and "_" that starts with no digit, found ${text}`)
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
    const value = this.#expression()
    const { text: name, range: nameRange } = head.names[0] ?? tokens.token
    return { kind: 'attribute', name, nameRange, value, range: { start: nameRange.start, end: tokens.end } }
  }

  #block(head: Head): Block {
    const tokens = this.#tokens
    const open = tokens.next()
    const body = this.#body('}')
    const close = tokens.expect('}', ` to close the block that is opened on line ${open.line}`)
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

  /** Expression = BinaryExpression */
  #expression(): Expression {
    return this.#binary(1)
  }

  /**
   * BinaryExpression = OrExpression
   * OrExpression     = AndExpression { "||" AndExpression }
   * AndExpression    = Comparison { "&&" Comparison }
   * Comparison       = Sum { ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) Sum }
   * Sum              = Product { ( "+" | "-" ) Product }
   * Product          = Power { ( "*" | "/" | "%" ) Power }
   *
   * Reads operators of `lowest` precedence and above, all of them left associative.
   */
  #binary(lowest: number): Expression {
    const tokens = this.#tokens
    let left = this.#power()
    for (;;) {
      const precedence = precedences.get(tokens.kind) ?? 0
      if (precedence < lowest) return left
      const operator = tokens.next()
      const right = this.#binary(precedence + 1)
      left = this.#joined(left, operator, right)
    }
  }

  /** Power = Unary [ "^" Power ] */
  #power(): Expression {
    const left = this.#unary()
    if (this.#tokens.kind !== '^') return left
    const operator = this.#tokens.next()
    const right = this.#nested(() => this.#power())
    return this.#joined(left, operator, right)
  }

  #joined(left: Expression, operator: Token, right: Expression): Expression {
    const range = { start: left.range.start, end: right.range.end }
    const kind = operator.kind as BinaryOperator
    const node = {
      kind: 'binary',
      operator: kind,
      operatorRange: operator.range,
      left,
      right,
      range,
    } as const
    return this.#above(node, [left, right])
  }

  /** Unary = ( "!" | "-" ) Unary | Operand */
  #unary(): Expression {
    const tokens = this.#tokens
    const operator = tokens.kind
    if (operator !== '!' && operator !== '-') return this.#nested(() => this.#operand())
    const { start } = tokens.next().range
    const value = this.#nested(() => this.#unary())
    return this.#above({ kind: 'unary', operator, value, range: { start, end: value.range.end } }, [value])
  }

  /** Operand = Primary { Access | Index | Call } */
  #operand(): Expression {
    let value = this.#primary()
    for (;;) {
      const { kind } = this.#tokens
      if (kind === '.') value = this.#access(value)
      else if (kind === '[') value = this.#index(value)
      else if (kind === '(') value = this.#call(value)
      else if (kind !== 'string' && kind !== '{') return value
      else if (!this.#blockAsValue(value)) return value
    }
  }

  /** Access = "." identifier */
  #access(value: Expression): Expression {
    this.#tokens.next()
    const { text: name, range: nameRange } = this.#tokens.expect('identifier', ' after "."')
    const range = { start: value.range.start, end: nameRange.end }
    return this.#above({ kind: 'access', value, name, nameRange, range }, [value])
  }

  /** Index = "[" Expression "]" */
  #index(value: Expression): Expression {
    this.#tokens.next()
    const index = this.#expression()
    this.#tokens.expect(']', ' after the index')
    const range = { start: value.range.start, end: this.#tokens.end }
    return this.#above({ kind: 'index', value, index, range }, [value, index])
  }

  /** Call = "(" [ ExpressionList ] ")" */
  #call(value: Expression): Expression {
    this.#tokens.next()
    const args = this.#list(')')
    this.#tokens.expect(')', ' after the arguments')
    const range = { start: value.range.start, end: this.#tokens.end }
    return this.#above({ kind: 'call', value, args, range }, [value, ...args])
  }

  /**
   * A block where a value is expected, `a = b.c "label" { ... }`, reads as one so far: the rest is parsed as a
   * block, to report one error and not many. Returns false if it isn't a block; the statement is skipped then.
   */
  #blockAsValue(value: Expression): boolean {
    const tokens = this.#tokens
    if (tokens.kind === 'string') tokens.next()
    const isBlock = tokens.kind === '{'
    const { line } = tokens.expect('{', ' or the end of the line')
    if (isBlock) {
      this.#nested(() => this.#body('}'))
      const isClosed = tokens.at('}')
      tokens.expect('}', ` to close the block that is opened on line ${line}`)
      if (isClosed) {
        const range = { start: value.range.start, end: tokens.end }
        tokens.errorAt(range, 'a block cannot be the value of an attribute; write it without the "="')
        return true
      }
    }
    tokens.skipStatement()
    return false
  }

  /**
   * Primary = identifier | string | number | float | bool | null | "(" Expression ")" | Array | Object
   */
  #primary(): Expression {
    const tokens = this.#tokens
    const { kind, text, range } = tokens.token
    if (literalTypes.has(kind)) {
      tokens.next()
      return { kind: 'literal', type: kind as Literal['type'], raw: text, range }
    }
    if (kind === 'identifier') {
      tokens.next()
      return { kind: 'identifier', name: text, range }
    }
    if (kind === '(') return this.#paren()
    if (kind === '[') return this.#array()
    if (kind === '{') return this.#object()
    tokens.error(`expected a value, found ${tokens.found}`)
    tokens.skipTo('terminator', ')', '}', ']', ',')
    return { kind: 'literal', type: 'null', raw: 'null', range: { start: range.start, end: range.start } }
  }

  #paren(): Expression {
    const { start } = this.#tokens.next().range
    const value = this.#expression()
    this.#tokens.expect(')', ' to close the parentheses')
    return this.#above({ kind: 'paren', value, range: { start, end: this.#tokens.end } }, [value])
  }

  /** Array = "[" [ ExpressionList ] "]" */
  #array(): Expression {
    const { start } = this.#tokens.next().range
    const elements = this.#list(']')
    this.#tokens.expect(']', ' to close the list')
    const node: ArrayLiteral = { kind: 'array', elements, range: { start, end: this.#tokens.end } }
    return this.#above(node, elements)
  }

  /** ExpressionList = Expression { "," Expression } [ "," ] */
  #list(until: TokenKind): Expression[] {
    const tokens = this.#tokens
    const list: Expression[] = []
    while (tokens.kind !== until && tokens.kind !== 'eof') {
      list.push(this.#expression())
      if (tokens.kind === until) break
      this.#comma(until)
    }
    return list
  }

  /** Lists over several lines need a comma after the last element too; the line end would end the statement. */
  #comma(until: TokenKind): void {
    const tokens = this.#tokens
    if (tokens.kind !== ',') tokens.error(`expected "," or "${until}" after the value, found ${tokens.found}`)
    tokens.next()
  }

  /**
   * Object    = "{" [ FieldList ] "}"
   * FieldList = Field { "," Field } [ "," ]
   */
  #object(): Expression {
    const tokens = this.#tokens
    const { start } = tokens.next().range
    const fields: ObjectField[] = []
    // In `{]` the bracket is the slip: nothing is skipped to look for a field.
    const none = tokens.at(']')
    while (!none && tokens.kind !== '}' && tokens.kind !== 'eof') {
      fields.push(this.#field())
      if (tokens.at('}')) break
      this.#comma('}')
    }
    tokens.expect('}', ' to close the object')
    const node: ObjectLiteral = { kind: 'object', fields, range: { start, end: tokens.end } }
    return this.#above(
      node,
      fields.map((field) => field.value),
    )
  }

  /** Field = ( string | identifier ) "=" Expression */
  #field(): ObjectField {
    const tokens = this.#tokens
    const { kind, text, range: nameRange } = tokens.token
    const quoted = kind === 'string' && text.length > 2
    if (kind === 'string' || kind === 'identifier') tokens.next()
    else {
      tokens.error(`expected the name of a field, a name or a string, found ${tokens.found}`)
      tokens.skipTo('=')
    }
    tokens.expect('=', ' after the name of the field')
    return { name: quoted ? text.slice(1, -1) : text, quoted, nameRange, value: this.#expression() }
  }

  /** Runs a parse function that can contain itself, and gives up when that goes too deep. */
  #nested<T>(parse: () => T): T {
    if (this.#nesting >= maxNesting) this.#tooDeep(maxNesting)
    this.#nesting++
    const result = parse()
    this.#nesting--
    return result
  }

  /** Notes the height of a node over its parts, and gives up when it is too high. */
  #above<E extends Expression>(node: E, parts: readonly Expression[]): E {
    let height = 0
    for (const part of parts) height = Math.max(height, this.#heights.get(part) ?? 0)
    this.#heights.set(node, height + 1)
    if (height + 1 > maxHeight) this.#tooDeep(maxHeight)
    return node
  }

  #tooDeep(limit: number): void {
    this.#tokens.stop(`expected at most ${limit} levels of nesting, found more; split the config into parts`)
  }
}
