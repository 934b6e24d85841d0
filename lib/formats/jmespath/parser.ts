/**
 * JMESPath expressions to trees, in the grammar of the Go library go-jmespath: the community dialect without `a ? b : c`,
 * and as lenient. Commas between arguments and between the fields of a hash may be left out.
 */
import { JmespathError } from './error.ts'
import { tokenize, type Token, type TokenKind } from './lexer.ts'
import type { ArithmeticOperator, Comparison, Node } from './tree.ts'

/** How tightly a token binds to what is on its left; 0 for all others. */
const POWERS: Partial<Record<TokenKind, number>> = {
  '=': 1,
  '|': 1,
  '||': 2,
  '&&': 3,
  '==': 5,
  '!=': 5,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '+': 6,
  '-': 6,
  '/': 7,
  '//': 7,
  '%': 7,
  '×': 7,
  '[]': 9,
  '*': 20,
  '[?': 21,
  '.': 40,
  '!': 45,
  '{': 50,
  '[': 55,
  '(': 60,
}

/** Projections end before tokens that bind less. */
const PROJECTION_STOP = 10
const DEEPEST = 500
const CURRENT: Node = { kind: 'current' }

/** Parses an expression. Throws JmespathError. */
export function parseExpression(expression: string): Node {
  const parser = new Parser(tokenize(expression))
  const node = parser.expression(0)
  parser.expect('end', 'the end of the expression')
  return node
}

function power(kind: TokenKind): number {
  return POWERS[kind] ?? 0
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? this.#tokens.at(-1)!
  }

  #lookAhead(count: number): TokenKind {
    return (this.#tokens[this.#at + count] ?? this.#tokens.at(-1)!).kind
  }

  #refuse(wanted: string, token = this.#next): JmespathError {
    const found = token.kind === 'end' ? 'the end of the expression' : JSON.stringify(token.text)
    return new JmespathError(`expected ${wanted}, found ${found}`, token.offset)
  }

  expect(kind: TokenKind, wanted: string = JSON.stringify(kind)): Token {
    const token = this.#next
    if (token.kind !== kind) throw this.#refuse(wanted)
    this.#at++
    return token
  }

  /** An expression up to a token that binds no tighter than `limit`. */
  expression(limit: number): Node {
    if (++this.#depth > DEEPEST)
      throw new JmespathError(`nested deeper than ${DEEPEST} levels`, this.#next.offset)
    const first = this.#next
    this.#at++
    let node = this.#start(first)
    while (limit < power(this.#next.kind)) {
      const operator = this.#next
      this.#at++
      node = this.#continue(node, operator)
    }
    this.#depth--
    return node
  }

  #start(token: Token): Node {
    switch (token.kind) {
      case 'variable':
        return { kind: 'variable', name: token.text }
      case 'literal':
        return { kind: 'literal', value: token.value }
      case 'string':
        return { kind: 'literal', value: token.text }
      case 'name':
        return token.text === 'let' && this.#next.kind === 'variable'
          ? this.#let()
          : { kind: 'field', name: token.text }
      case 'quoted name':
        if (this.#next.kind === '(') throw this.#refuse('a function name without quotes', token)
        return { kind: 'field', name: token.text }
      case '+':
      case '-':
        return { kind: 'sign', operator: token.kind, value: this.expression(power(token.kind)) }
      case '*':
        return {
          kind: 'values',
          left: CURRENT,
          right: this.#next.kind === ']' ? CURRENT : this.#projected('*'),
        }
      case '[?':
        return this.#filter(CURRENT)
      case '{':
        return this.#hash()
      case '[]':
        return this.#flatten(CURRENT)
      case '[':
        return this.#bracket()
      case '@':
        return CURRENT
      case '$':
        return { kind: 'root' }
      case '&':
        return { kind: 'reference', value: this.expression(0) }
      case '!':
        return { kind: 'not', value: this.expression(power('!')) }
      case '(': {
        const inner = this.expression(0)
        this.expect(')')
        return inner
      }
      default:
        throw this.#refuse('a name, a value, or one of ( [ { * @ $ & ! + -', token)
    }
  }

  #continue(left: Node, token: Token): Node {
    const { kind } = token
    switch (kind) {
      case '.':
        if (this.#next.kind !== '*') return { kind: 'sub', left, right: this.#afterDot(power('.')) }
        this.#at++
        return { kind: 'values', left, right: this.#projected('.') }
      case '|':
        return { kind: 'pipe', left, right: this.expression(power('|')) }
      case '||':
        return { kind: 'or', left, right: this.expression(power('||')) }
      case '&&':
        return { kind: 'and', left, right: this.expression(power('&&')) }
      case '(':
        if (left.kind !== 'field') throw this.#refuse('a function name before "("', token)
        return { kind: 'call', name: left.name, args: this.#listUntil(() => this.#next.kind === ')') }
      case '[?':
        return this.#filter(left)
      case '[]':
        return this.#flatten(left)
      case '=':
        return { kind: 'binding', left, right: this.expression(0) }
      case '[':
        return this.#index(left)
      case '+':
      case '-':
      case '*':
      case '×':
      case '/':
      case '%':
      case '//':
        return {
          kind: 'arithmetic',
          operator: (kind === '×' ? '*' : kind) satisfies ArithmeticOperator,
          left,
          right: this.expression(power(kind)),
        }
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return {
          kind: 'compare',
          operator: kind satisfies Comparison,
          left,
          right: this.expression(power(kind)),
        }
      default:
        throw this.#refuse('an operator', token)
    }
  }

  // index = "[" ( number | slice | "*" ) "]"
  #index(left: Node): Node {
    const kind = this.#next.kind
    if (kind === 'number' || kind === ':') return this.#indexOrSlice(left)
    this.expect('*')
    this.expect(']')
    return { kind: 'projection', left, right: this.#projected('*') }
  }

  /** What starts with a bracket: an index, a slice, `[*]` or a list of expressions. */
  #bracket(): Node {
    const kind = this.#next.kind
    if (kind === 'number' || kind === ':') return this.#indexOrSlice(CURRENT)
    if (kind !== '*' || this.#lookAhead(1) !== ']') return this.#list()
    this.#at += 2
    return { kind: 'projection', left: CURRENT, right: this.#projected('*') }
  }

  #indexOrSlice(left: Node): Node {
    if (this.#next.kind === ':' || this.#lookAhead(1) === ':') {
      const sliced: Node = { kind: 'sub', left, right: this.#slice() }
      return { kind: 'projection', left: sliced, right: this.#projected('*') }
    }
    const at = this.#integer()
    this.expect(']')
    return { kind: 'sub', left, right: { kind: 'index', at } }
  }

  #integer(): number {
    const token = this.expect('number', 'a number')
    if (BigInt.asIntN(64, BigInt(token.text)) !== BigInt(token.text))
      throw new JmespathError(`${token.text} does not fit into 64 bits`, token.offset)
    return Number(token.text)
  }

  // slice = [ number ] ":" [ number ] [ ":" [ number ] ]
  #slice(): Node {
    const parts: (number | undefined)[] = [undefined, undefined, undefined]
    for (let part = 0; this.#next.kind !== ']';) {
      if (this.#next.kind === ':') {
        if (++part === 3) throw this.#refuse('"]" after three parts of a slice')
        this.#at++
      } else parts[part] = this.#integer()
    }
    this.expect(']')
    return { kind: 'slice', parts }
  }

  #flatten(value: Node): Node {
    return { kind: 'projection', left: { kind: 'flatten', value }, right: this.#projected('[]') }
  }

  #filter(left: Node): Node {
    const condition = this.expression(0)
    this.expect(']')
    const right = this.#next.kind === '[]' ? CURRENT : this.#projected('[?')
    return { kind: 'filter', left, right, condition }
  }

  /** What a projection applies to each element. */
  #projected(after: TokenKind): Node {
    const { kind } = this.#next
    if (power(kind) < PROJECTION_STOP) return CURRENT
    if (kind === '[' || kind === '[?') return this.expression(power(after))
    if (kind !== '.') throw this.#refuse('".", "[" or an operator after a projection')
    this.#at++
    return this.#afterDot(power(after))
  }

  #afterDot(limit: number): Node {
    const { kind } = this.#next
    if (kind === 'name' || kind === 'quoted name' || kind === '*') return this.expression(limit)
    if (kind !== '[' && kind !== '{') throw this.#refuse('a name, "[" or "{" after "."')
    this.#at++
    return kind === '[' ? this.#list() : this.#hash()
  }

  // list = expression { "," expression } "]"
  #list(): Node {
    const items = [this.expression(0)]
    while (this.#next.kind !== ']') {
      this.expect(',')
      items.push(this.expression(0))
    }
    this.expect(']')
    return { kind: 'list', items }
  }

  // hash = name ":" expression { [ "," ] name ":" expression } "}"
  #hash(): Node {
    const fields: [string, Node][] = []
    for (;;) {
      const key = this.#next
      if (key.kind !== 'name' && key.kind !== 'quoted name') throw this.#refuse('the name of a field')
      this.#at++
      this.expect(':')
      fields.push([key.text, this.expression(0)])
      if (this.#next.kind === ',') this.#at++
      else if (this.#next.kind === '}') break
    }
    this.expect('}')
    return { kind: 'hash', fields }
  }

  // let = variable "=" expression { [ "," ] variable "=" expression } "in" expression
  #let(): Node {
    const bindings = this.#listUntil(() => this.#next.kind === 'name' && this.#next.text === 'in')
    return { kind: 'let', bindings, value: this.expression(0) }
  }

  /** Expressions up to a closing token, which is taken too. */
  #listUntil(isEnd: () => boolean): Node[] {
    const items: Node[] = []
    while (!isEnd()) {
      items.push(this.expression(0))
      if (this.#next.kind === ',') this.#at++
    }
    this.#at++
    return items
  }
}
