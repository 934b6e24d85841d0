/** The syntax tree of a config. Every node keeps its range in the source, so that every later error can point at it. */
import type { Range, Source } from './source.ts'

/** A comment as written, with its `//` or block marks. */
export interface Comment {
  readonly text: string
  readonly range: Range
}

/** A whole config file. */
export interface File {
  readonly source: Source
  readonly body: readonly Statement[]
  readonly comments: readonly Comment[]
}

export type Statement = Attribute | Block

/** `name = value` */
export interface Attribute {
  readonly kind: 'attribute'
  readonly name: string
  readonly nameRange: Range
  readonly value: Expression
  readonly range: Range
}

/** `name.of.block "label" { body }` */
export interface Block {
  readonly kind: 'block'
  /** Dotted: `stage.regex`. */
  readonly name: string
  readonly nameRange: Range
  /** Absent also for `""`. */
  readonly label?: string
  readonly labelRange?: Range
  readonly body: readonly Statement[]
  /** The `{` and the `}`. */
  readonly open: Range
  readonly close: Range
  readonly range: Range
}

export type Expression =
  | Literal
  | ArrayLiteral
  | ObjectLiteral
  | Identifier
  | Access
  | Index
  | Call
  | Unary
  | Binary
  | Paren

/** A number, string, bool or null, still as written. */
export interface Literal {
  readonly kind: 'literal'
  readonly type: 'number' | 'float' | 'string' | 'bool' | 'null'
  readonly raw: string
  readonly range: Range
}

export interface ArrayLiteral {
  readonly kind: 'array'
  readonly elements: readonly Expression[]
  readonly range: Range
}

export interface ObjectField {
  /** The key without its quotes, NOT unescaped; the empty quoted key keeps its quotes (as in Alloy). */
  readonly name: string
  readonly quoted: boolean
  readonly nameRange: Range
  readonly value: Expression
}

export interface ObjectLiteral {
  readonly kind: 'object'
  readonly fields: readonly ObjectField[]
  readonly range: Range
}

export interface Identifier {
  readonly kind: 'identifier'
  readonly name: string
  readonly range: Range
}

/** `value.name` */
export interface Access {
  readonly kind: 'access'
  readonly value: Expression
  readonly name: string
  readonly nameRange: Range
  readonly range: Range
}

/** `value[index]` */
export interface Index {
  readonly kind: 'index'
  readonly value: Expression
  readonly index: Expression
  readonly range: Range
}

export interface Call {
  readonly kind: 'call'
  readonly value: Expression
  readonly args: readonly Expression[]
  readonly range: Range
}

export type UnaryOperator = '!' | '-'
export type BinaryOperator =
  | '||'
  | '&&'
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

export interface Unary {
  readonly kind: 'unary'
  readonly operator: UnaryOperator
  readonly value: Expression
  readonly range: Range
}

export interface Binary {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly operatorRange: Range
  readonly left: Expression
  readonly right: Expression
  readonly range: Range
}

export interface Paren {
  readonly kind: 'paren'
  readonly value: Expression
  readonly range: Range
}
