/** The tree of a parsed template. Every node knows its offset in the text, in UTF-16 units. */

export type Operand =
  | { kind: 'dot'; at: number }
  | { kind: 'nil'; at: number }
  | { kind: 'bool'; at: number; value: boolean }
  /** `text` is how it is written, with its quotes. */
  | { kind: 'string'; at: number; value: string; text: string }
  | NumberOperand
  | { kind: 'function'; at: number; name: string }
  /** `.a.b` */
  | { kind: 'field'; at: number; names: string[] }
  /** `$x.a.b`; the name has its `$`. */
  | { kind: 'variable'; at: number; name: string; names: string[] }
  /** `(...).a.b` and `f.a` */
  | { kind: 'chain'; at: number; operand: Operand; names: string[] }
  | Pipeline

/** A constant under each type that can hold it; the text decides between int and float where the type is open. */
export interface NumberOperand {
  kind: 'number'
  at: number
  text: string
  /** What it is where any type will do: an int, a float64 or a complex; undefined if an int would overflow. */
  ideal: bigint | number | { re: number; im: number } | undefined
  integer: bigint | undefined
  unsigned: bigint | undefined
  float: number | undefined
}

export interface Command {
  at: number
  /** The first is what is called or evaluated, the rest its arguments; never empty. */
  operands: [Operand, ...Operand[]]
}

export interface Pipeline {
  kind: 'pipeline'
  at: number
  declares: string[]
  /** `=` rather than `:=`. */
  assigns: boolean
  commands: Command[]
}

export type Node =
  | { kind: 'text'; at: number; text: string }
  | { kind: 'action'; at: number; pipeline: Pipeline }
  | { kind: 'break'; at: number }
  | { kind: 'continue'; at: number }
  | Branch
  | { kind: 'template'; at: number; name: string; pipeline: Pipeline | undefined }

export interface Branch {
  kind: 'if' | 'with' | 'range'
  at: number
  pipeline: Pipeline
  body: Node[]
  otherwise: Node[] | undefined
}

/** The main text and everything that `define` and `block` name. */
export interface TemplateTree {
  root: Node[]
  defined: Map<string, Node[]>
}
