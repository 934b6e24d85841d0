/** What an expression names: the dotted chains that the graph and the evaluator look up. */
import type { Expression } from './ast.ts'
import type { Range } from './source.ts'

/** One chain `a.b.c`, as far as dots alone lead. */
export interface Reference {
  readonly path: readonly string[]
  readonly range: Range
}

/**
 * Every maximal dotted chain of `expression` that starts at an identifier, in the order of the text. An index or
 * a call ends a chain: `sys.env("X")` is `sys.env`, `a.b[c].d` is `a.b` and `c`.
 */
export function references(expression: Expression): Reference[] {
  const found: Reference[] = []
  collect(expression, found)
  return found
}

function collect(expression: Expression, into: Reference[]): void {
  switch (expression.kind) {
    case 'literal':
      return
    case 'identifier':
    case 'access':
      return collectChain(expression, into)
    case 'array':
      for (const element of expression.elements) collect(element, into)
      return
    case 'object':
      for (const field of expression.fields) collect(field.value, into)
      return
    case 'index':
      collect(expression.value, into)
      return collect(expression.index, into)
    case 'call':
      collect(expression.value, into)
      for (const arg of expression.args) collect(arg, into)
      return
    case 'unary':
    case 'paren':
      return collect(expression.value, into)
    case 'binary':
      collect(expression.left, into)
      return collect(expression.right, into)
  }
}

function collectChain(expression: Expression, into: Reference[]): void {
  const path: string[] = []
  let base = expression
  for (; base.kind === 'access'; base = base.value) path.push(base.name)
  if (base.kind !== 'identifier') return collect(base, into)
  path.push(base.name)
  into.push({ path: path.reverse(), range: expression.range })
}
