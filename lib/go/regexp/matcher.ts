/**
 * Runs a planned pattern: picks the engine that may search a given text, and brings every engine's match into the same
 * shape.
 */
import { byteProgram, type ByteProgram } from './byte-program.ts'
import { ByteRows } from './byte-rows.ts'
import { hasSpareDelimiter, judge } from './cutter.ts'
import type { RawMatch, Spans } from './fallback.ts'
import { Fallback } from './fallback.ts'
import type { Plan } from './plan.ts'
import { planOf } from './plan.ts'
import { depthOf, type Expression } from './syntax.ts'
import type { Translation } from './translate.ts'

/** Longer texts can exhaust V8's backtracking stack, which it reports as a RangeError. */
const SMALL = 50_000

/** re2js refuses trees that are more than twice as deep, and larger ones than any plan is made for. */
const SHALLOW = 400

/** `cut`: V8 on the strict form first; `v8`: V8 on every text it may search; `re2`: re2js alone. */
export type Engine = 'cut' | 'v8' | 're2'

/** One translation as V8 runs it; the forms with flags are made when they are needed. */
class Compiled {
  readonly first: RegExp
  readonly #source: string
  readonly #slots: readonly (readonly number[])[]
  readonly #direct: boolean
  readonly #flagged = new Map<string, RegExp>()

  constructor(translation: Translation) {
    this.#source = translation.source
    this.#slots = translation.slots
    this.#direct = translation.slots.every((slots, group) => slots.length === 1 && slots[0] === group)
    this.first = new RegExp(translation.source)
  }

  exec(text: string): RawMatch | null {
    const match = this.first.exec(text)
    return match === null || this.#direct ? (match as RawMatch | null) : this.#ordered(match)
  }

  /** The match at `from` (flag `y`) or the first one at it or after it (`g`). */
  execFrom(text: string, from: number, flag: 'g' | 'y'): RawMatch | null {
    const pattern = this.#with(flag)
    pattern.lastIndex = from
    const match = pattern.exec(text)
    return match === null || this.#direct ? (match as RawMatch | null) : this.#ordered(match)
  }

  spansFrom(text: string, from: number, flag: 'g' | 'y'): Spans | null {
    const pattern = this.#with(flag === 'g' ? 'dg' : 'dy')
    pattern.lastIndex = from
    const indices = pattern.exec(text)?.indices
    if (indices === undefined) return null
    const spans: number[] = []
    for (const slots of this.#slots) {
      const span = slots.length === 1 ? indices[slots[0]!] : lastOf(slots, indices)
      if (span === undefined) spans.push(-1, -1)
      else spans.push(span[0], span[1])
    }
    return spans
  }

  #with(flags: 'g' | 'y' | 'dg' | 'dy'): RegExp {
    let pattern = this.#flagged.get(flags)
    if (pattern === undefined) this.#flagged.set(flags, (pattern = new RegExp(this.#source, flags)))
    return pattern
  }

  /** Puts JavaScript's groups in the order of the expression's. */
  #ordered(match: RegExpExecArray): RawMatch {
    const groups = this.#slots.map((slots) => lastOf(slots, match))
    return Object.assign(groups, { index: match.index })
  }
}

// What the last of the slots holds that took part in the match.
function lastOf<T>(slots: readonly number[], found: readonly (T | undefined)[]): T | undefined {
  const slot = slots.findLast((index) => found[index] !== undefined)
  return slot === undefined ? undefined : found[slot]
}

/** A program over bytes. */
export interface BytePattern {
  readonly program: ByteProgram
  /** The program for many rows at once. */
  readonly rows: ByteRows
  /** Whether text in which the program finds no match may still have one, which the pattern then has to find. */
  readonly mayMatch: (bytes: Uint8Array, from: number, to: number) => boolean
}

/** A pattern ready to run. It keeps no state between calls. */
export class PatternMatcher {
  readonly engine: Engine
  readonly #expression: Expression
  readonly #plan: Plan | undefined
  readonly #strict: Compiled | undefined
  readonly #search: Compiled | undefined
  readonly #plain: Compiled | undefined
  /** The plan's, once a text has asked for it. */
  #limit: number | undefined
  #fallback: Fallback | undefined

  constructor(expression: Expression) {
    const plan = planOf(expression)
    this.#expression = expression
    this.#plan = plan
    this.#strict = plan?.strict && new Compiled(plan.strict)
    this.#plain = plan && new Compiled(plan.plain)
    this.#search = plan && plan.search !== plan.plain ? new Compiled(plan.search) : this.#plain
    this.engine = plan === undefined ? 're2' : plan.cut === undefined ? 'v8' : 'cut'
    // What re2js would refuse has to come out now, not at the first long text.
    const perhapsRefused =
      plan?.cut === undefined ? !this.#mayTake(Infinity) : depthOf(expression.tree) > SHALLOW
    if (perhapsRefused) this.#slow()
  }

  /** The first match in the text. */
  exec(text: string): RawMatch | null {
    if (text.length > SMALL) return this.#execLong(text)
    if (this.#strict !== undefined) {
      const match = this.#strict.exec(text)
      if (match !== null) return match
    }
    return this.#execGeneral(text)
  }

  /** The first match that begins at `from` or after it. */
  execFrom(text: string, from: number): RawMatch | null {
    if (from === 0) return this.exec(text)
    if (this.#strict !== undefined) return null // it is anchored at the start
    if (!this.#mayTake(text.length) || text.length > SMALL) return this.#slow().exec(text, from)
    if (this.#search === this.#plain) return this.#plain!.execFrom(text, from, 'g')
    // After an earlier match the lookbehind must not see what that match has taken.
    return this.#plain!.execFrom(text, from, 'y') ?? this.#search!.execFrom(text, from + 1, 'g')
  }

  /** As execFrom, with offsets in place of texts. */
  spansFrom(text: string, from: number): Spans | null {
    if (text.length > SMALL) return this.#slow().spans(text, from)
    if (from === 0 && this.#strict !== undefined) {
      const spans = this.#strict.spansFrom(text, 0, 'g')
      if (spans !== null) return spans
    }
    if (from > 0 && this.#strict !== undefined) return null
    if (!this.#mayTake(text.length)) return this.#slow().spans(text, from)
    if (from === 0 || this.#search === this.#plain) return this.#search!.spansFrom(text, from, 'g')
    return this.#plain!.spansFrom(text, from, 'y') ?? this.#search!.spansFrom(text, from + 1, 'g')
  }

  /** See `byteProgram`; `places` are those of the groups. */
  overBytes(places: readonly number[]): BytePattern | undefined {
    const program = byteProgram(this.#expression.tree, places)
    if (program !== undefined) return { program, rows: new ByteRows(program), mayMatch: () => false }
    const cut = this.#plan?.cut
    const strict = cut && byteProgram(cut.strict, places)
    if (strict === undefined) return undefined
    return {
      program: strict,
      rows: new ByteRows(strict),
      mayMatch: (bytes, from, to) => hasSpareDelimiter(cut!, bytes, from, to),
    }
  }

  test(text: string): boolean {
    if (text.length > SMALL) return this.#execLong(text) !== null
    if (this.#strict !== undefined) return this.#strict.first.test(text) || this.#execGeneral(text) !== null
    return this.#mayTake(text.length) ? this.#search!.first.test(text) : this.#slow().test(text)
  }

  /** The part of exec for texts that the strict form, if there is one, doesn't match. */
  #execGeneral(text: string): RawMatch | null {
    const cut = this.#plan?.cut
    if (cut === undefined) {
      return this.#mayTake(text.length) ? this.#search!.exec(text) : this.#slow().exec(text, 0)
    }
    const verdict = judge(cut, text)
    if (verdict === 'none') return null
    if (verdict === 'cheap' || this.#mayTake(text.length)) return this.#plain!.exec(text)
    return this.#slow().exec(text, 0)
  }

  #execLong(text: string): RawMatch | null {
    try {
      const match = this.#strict?.exec(text)
      return match ?? this.#execGeneral(text)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return this.#slow().exec(text, 0)
    }
  }

  /** Whether V8 may search a text of that length. */
  #mayTake(length: number): boolean {
    return length <= (this.#limit ??= this.#plan?.limit() ?? -1)
  }

  #slow(): Fallback {
    this.#fallback ??= new Fallback(this.#expression.tree, this.#expression.groupNames.length - 1)
    return this.#fallback
  }
}
