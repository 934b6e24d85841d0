/** The tree of a JMESPath expression. */

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '//'
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

export type Node =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'current' }
  | { readonly kind: 'root' }
  | { readonly kind: 'index'; readonly at: number }
  | { readonly kind: 'slice'; readonly parts: readonly (number | undefined)[] }
  /** `left.right`, `left[0]` and `left[1:2]`: right of what left is, null for null. */
  | { readonly kind: 'sub'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'pipe'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'or'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'and'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'not'; readonly value: Node }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Node; readonly right: Node }
  | {
      readonly kind: 'arithmetic'
      readonly operator: ArithmeticOperator
      readonly left: Node
      readonly right: Node
    }
  | { readonly kind: 'sign'; readonly operator: '+' | '-'; readonly value: Node }
  /** `left[*].right`, and what a slice of a list and `[]` start. */
  | { readonly kind: 'projection'; readonly left: Node; readonly right: Node }
  /** `left.*.right`. */
  | { readonly kind: 'values'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'filter'; readonly left: Node; readonly right: Node; readonly condition: Node }
  | { readonly kind: 'flatten'; readonly value: Node }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'hash'; readonly fields: readonly (readonly [string, Node])[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
  /** `&value`, an argument such as that of sort_by. */
  | { readonly kind: 'reference'; readonly value: Node }
  /** `left = right`; only `let` can evaluate it. */
  | { readonly kind: 'binding'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'let'; readonly bindings: readonly Node[]; readonly value: Node }
