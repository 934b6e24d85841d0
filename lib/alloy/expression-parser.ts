/** Reads the expressions of a config: values, operators, lists, objects, calls. */
import type { ArrayLiteral, BinaryOperator, Expression, Literal, ObjectField, ObjectLiteral } from './ast.ts'
import type { Limits } from './limits.ts'
import type { Token, TokenKind } from './token.ts'
import type { TokenStream } from './token-stream.ts'

const precedences: ReadonlyMap<TokenKind, number> = new Map<TokenKind, number>([
  ['||', 1],
  ['&&', 2],
  ...(['==', '!=', '<', '<=', '>', '>='] as const).map((kind) => [kind, 3] as const),
  ...(['+', '-'] as const).map((kind) => [kind, 4] as const),
  ...(['*', '/', '%'] as const).map((kind) => [kind, 5] as const),
])

const literalTypes: ReadonlySet<TokenKind> = new Set<TokenKind>(['number', 'float', 'string', 'bool', 'null'])

export class ExpressionParser {
  readonly #tokens: TokenStream
  readonly #limits: Limits
  /** Reads the body of a block up to its closing brace, for one that is written as a value. */
  readonly #body: () => void

  constructor(tokens: TokenStream, limits: Limits, body: () => void) {
    this.#tokens = tokens
    this.#limits = limits
    this.#body = body
  }

  /** Expression = BinaryExpression */
  expression(): Expression {
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
    const right = this.#limits.nested(() => this.#power())
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
    return this.#limits.above(node, [left, right])
  }

  /** Unary = ( "!" | "-" ) Unary | Operand */
  #unary(): Expression {
    const tokens = this.#tokens
    const operator = tokens.kind
    if (operator !== '!' && operator !== '-') return this.#limits.nested(() => this.#operand())
    const { start } = tokens.next().range
    const value = this.#limits.nested(() => this.#unary())
    return this.#limits.above({ kind: 'unary', operator, value, range: { start, end: value.range.end } }, [
      value,
    ])
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
    return this.#limits.above({ kind: 'access', value, name, nameRange, range }, [value])
  }

  /** Index = "[" Expression "]" */
  #index(value: Expression): Expression {
    this.#tokens.next()
    const index = this.expression()
    this.#tokens.expect(']', ' after the index')
    const range = { start: value.range.start, end: this.#tokens.end }
    return this.#limits.above({ kind: 'index', value, index, range }, [value, index])
  }

  /** Call = "(" [ ExpressionList ] ")" */
  #call(value: Expression): Expression {
    this.#tokens.next()
    const args = this.#list(')')
    this.#tokens.expect(')', ' after the arguments')
    const range = { start: value.range.start, end: this.#tokens.end }
    return this.#limits.above({ kind: 'call', value, args, range }, [value, ...args])
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
      this.#limits.nested(this.#body)
      const isClosed = tokens.at('}')
      tokens.expect('}', ` to close the block opened on line ${line}`)
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
    const value = this.expression()
    this.#tokens.expect(')', ' to close the parentheses')
    return this.#limits.above({ kind: 'paren', value, range: { start, end: this.#tokens.end } }, [value])
  }

  /** Array = "[" [ ExpressionList ] "]" */
  #array(): Expression {
    const { start } = this.#tokens.next().range
    const elements = this.#list(']')
    this.#tokens.expect(']', ' to close the list')
    const node: ArrayLiteral = { kind: 'array', elements, range: { start, end: this.#tokens.end } }
    return this.#limits.above(node, elements)
  }

  /** ExpressionList = Expression { "," Expression } [ "," ] */
  #list(until: TokenKind): Expression[] {
    const tokens = this.#tokens
    const list: Expression[] = []
    while (tokens.kind !== until && tokens.kind !== 'eof') {
      list.push(this.expression())
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
    return this.#limits.above(
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
    return { name: quoted ? text.slice(1, -1) : text, quoted, nameRange, value: this.expression() }
  }
}
