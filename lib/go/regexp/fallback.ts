/**
 * The door to re2js, the engine for patterns and texts on which V8 could blow up. It is linear whatever the text,
 * but ten times slower, so a text without the literal that every match holds doesn't get to it.
 */
import { RE2JS } from 're2js'
import type { Node } from './syntax.ts'
import { requiredLiteral } from './syntax.ts'
import { toRe2 } from './translate.ts'

/** A match as RegExp.exec returns it: the whole at 0, undefined for groups that took no part. */
export interface RawMatch extends Array<string | undefined> {
  index: number
}

/** Offsets of the whole match and of each group in pairs, -1 for a group that took no part. */
export type Spans = number[]

export class Fallback {
  readonly #engine: RE2JS
  readonly #literal: string
  readonly #groups: number

  constructor(tree: Node, groups: number) {
    this.#engine = RE2JS.compile(toRe2(tree))
    this.#literal = requiredLiteral(tree)
    this.#groups = groups
  }

  test(text: string): boolean {
    return this.#possible(text, 0) && this.#engine.test(text)
  }

  /** The first match at `from` or after it, as spans. */
  spans(text: string, from: number): Spans | null {
    if (!this.#possible(text, from)) return null
    const matcher = this.#engine.matcher(text)
    if (!matcher.find(from)) return null
    const spans: Spans = []
    for (let group = 0; group <= this.#groups; group++) spans.push(matcher.start(group), matcher.end(group))
    return spans
  }

  exec(text: string, from: number): RawMatch | null {
    const spans = this.spans(text, from)
    if (spans === null) return null
    const groups: (string | undefined)[] = []
    for (let i = 0; i < spans.length; i += 2) {
      groups.push(spans[i]! < 0 ? undefined : text.slice(spans[i], spans[i + 1]))
    }
    return Object.assign(groups, { index: spans[0]! })
  }

  #possible(text: string, from: number): boolean {
    return this.#literal === '' || text.includes(this.#literal, from)
  }
}
