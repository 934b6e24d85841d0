/** How deep a config may nest: what walks it by recursion stays far from the end of the stack. */
import type { Expression } from './ast.ts'
import type { TokenStream } from './token-stream.ts'

/** Blocks and values that may lie in one another. */
export const maxNesting = 250

/** Levels of an expression, chains like `1 + 1 + 1` included, which are deep without nesting. */
export const maxHeight = 500

/** Counts while a text is parsed, and ends the parse where it goes too deep. */
export class Limits {
  readonly #tokens: TokenStream
  /** How many parse functions that can nest are at work. */
  #nesting = 0
  /** The levels below an expression; leaves are left out. */
  readonly #heights = new WeakMap<Expression, number>()

  constructor(tokens: TokenStream) {
    this.#tokens = tokens
  }

  /** Runs a parse function that can contain itself, and gives up when that goes too deep. */
  nested<T>(parse: () => T): T {
    if (this.#nesting >= maxNesting) this.#tooDeep(maxNesting)
    this.#nesting++
    const result = parse()
    this.#nesting--
    return result
  }

  /** Notes the height of a node over its parts, and gives up when it is too high. */
  above<E extends Expression>(node: E, parts: readonly Expression[]): E {
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
