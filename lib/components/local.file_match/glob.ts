/**
 * Glob patterns as Go's doublestar reads them, which is what Alloy's paths are: `*`, `?`, classes, `{a,b}`, and `**`
 * for any number of folders. A pattern is run as a set of states, one step a character, so matching takes time in
 * proportion to both lengths whatever the pattern, and a walk can tell where nothing below can match.
 */
import { LogstreamError } from '../../errors.ts'

const SLASH = 0x2f
const STAR = 0x2a
const BACKSLASH = 0x5c

/** The states that a pattern is in. Numbers are `place * KINDS + kind`. */
export type GlobStates = readonly number[]

// What a state at a place of the pattern does. PLAIN and FRESH (right after a slash, where `**` means folders) look
// at the place itself; the others stay for any number of characters.
const PLAIN = 0
const FRESH = 1
/** In the middle of what a `*` covers; `place` is after it. */
const IN_STAR = 2
/** In the middle of a folder name that `**` covers, with `place` after its slash; or at the start of one. */
const IN_FOLDER = 3
const AT_FOLDER = 4
/** After a final `**`: anything matches. */
const ANY = 5
const KINDS = 8

interface CharClass {
  readonly negated: boolean
  /** Pairs of first and last code point. */
  readonly ranges: readonly number[]
  readonly end: number
}

export class Glob {
  readonly pattern: string
  /** Code points. */
  readonly #chars: readonly number[]
  readonly #classes = new Map<number, CharClass>()
  /** Place of `{` to the first places of its alternatives. */
  readonly #choices = new Map<number, number[]>()
  /** Place of the `,` or `}` that ends an alternative to the place after the braces. */
  readonly #ends = new Map<number, number>()

  /** Throws `LogstreamError` BAD_ARGUMENT for a pattern with an open class or brace or a last backslash. */
  constructor(pattern: string) {
    this.pattern = pattern
    this.#chars = Array.from(pattern, (char) => char.codePointAt(0)!)
    this.#read()
  }

  /** Whether the whole of `name` matches. */
  matches(name: string): boolean {
    return this.accepts(this.step(this.start(), name))
  }

  /** The states before the first character. */
  start(): GlobStates {
    const states: number[] = []
    this.#add(states, 0, FRESH)
    return states
  }

  /** Returns the states after `text` as well; empty if nothing that begins like this can match. */
  step(states: GlobStates, text: string): GlobStates {
    let from = states
    for (let i = 0; i < text.length && from.length > 0; i++) {
      const char = text.codePointAt(i)!
      if (char > 0xffff) i++
      const to: number[] = []
      for (const state of from) this.#advance(to, (state / KINDS) | 0, state % KINDS, char)
      from = to
    }
    return from
  }

  /** Whether what was stepped through is a whole match. */
  accepts(states: GlobStates): boolean {
    return states.some((state) => {
      const kind = state % KINDS
      return kind === ANY || (kind <= FRESH && this.#canEnd((state / KINDS) | 0))
    })
  }

  #advance(to: number[], place: number, kind: number, char: number): void {
    switch (kind) {
      case ANY:
        to.push(place * KINDS + ANY)
        return
      case IN_STAR:
        if (char !== SLASH) this.#add(to, place, IN_STAR)
        return
      case IN_FOLDER:
      case AT_FOLDER:
        this.#add(to, place, char === SLASH ? AT_FOLDER : IN_FOLDER)
        return
      default:
        this.#consume(to, place, char)
    }
  }

  #consume(to: number[], place: number, char: number): void {
    const wanted = this.#chars[place]
    if (wanted === 0x3f) {
      if (char !== SLASH) this.#add(to, place + 1, PLAIN)
    } else if (wanted === 0x5b) {
      const of = this.#classes.get(place)!
      if (char !== SLASH && inClass(of, char)) this.#add(to, of.end, PLAIN)
    } else if (wanted === BACKSLASH) {
      if (char === this.#chars[place + 1]) this.#add(to, place + 2, char === SLASH ? FRESH : PLAIN)
    } else if (wanted === char) this.#add(to, place + 1, char === SLASH ? FRESH : PLAIN)
  }

  // Adds a state and all that are reached from it without a character.
  #add(to: number[], place: number, kind: number): void {
    const at = kind <= FRESH ? this.#afterEnds(place) : place
    const state = at * KINDS + kind
    if (to.includes(state)) return
    to.push(state)
    if (kind === IN_STAR) this.#add(to, at, PLAIN)
    else if (kind === AT_FOLDER) this.#add(to, at, FRESH)
    if (kind > FRESH) return
    const char = this.#chars[at]
    if (char === 0x7b) for (const choice of this.#choices.get(at)!) this.#add(to, choice, FRESH)
    else if (char === STAR) this.#addStar(to, at, kind)
  }

  #addStar(to: number[], place: number, kind: number): void {
    if (this.#chars[place + 1] !== STAR) return this.#add(to, place + 1, IN_STAR)
    const next = this.#afterEnds(place + 2)
    if (kind === FRESH && next === this.#chars.length) to.push(next * KINDS + ANY)
    else if (kind === FRESH && this.#chars[next] === SLASH) this.#add(to, next + 1, AT_FOLDER)
    else this.#add(to, place + 2, IN_STAR)
  }

  // The end of the pattern, or a last `/**`: `a/**` matches `a` too, for it might be a folder.
  #canEnd(place: number): boolean {
    const { length } = this.#chars
    if (place === length) return true
    if (this.#chars[place] !== SLASH) return false
    const stars = this.#afterEnds(place + 1)
    if (this.#chars[stars] !== STAR || this.#chars[stars + 1] !== STAR) return false
    const rest = this.#afterEnds(stars + 2)
    return rest === length || (this.#chars[rest] === SLASH && this.#afterEnds(rest + 1) === length)
  }

  #afterEnds(place: number): number {
    let at = place
    for (let end = this.#ends.get(at); end !== undefined; end = this.#ends.get(at)) at = end
    return at
  }

  /* pattern = { term } ; term = "*" | "?" | class | "{" pattern { "," pattern } "}" | "\\" char | char */
  #read(): void {
    const open: { place: number; ends: number[] }[] = []
    for (let i = 0; i < this.#chars.length; i++) {
      const char = this.#chars[i]
      if (char === BACKSLASH) {
        if (++i === this.#chars.length) throw this.#bad('ends in a backslash: write \\\\ for one')
      } else if (char === 0x5b) i = this.#readClass(i).end - 1
      else if (char === 0x7b) {
        open.push({ place: i, ends: [] })
        this.#choices.set(i, [i + 1])
      } else if (char === 0x2c && open.length > 0) {
        open.at(-1)!.ends.push(i)
        this.#choices.get(open.at(-1)!.place)!.push(i + 1)
      } else if (char === 0x7d && open.length > 0)
        for (const end of [...open.pop()!.ends, i]) this.#ends.set(end, i + 1)
    }
    if (open.length > 0) throw this.#bad('has a { without its }')
  }

  /* class = "[" [ "^" | "!" ] range { range } "]" ; range = char [ "-" char ] ; char may be escaped by "\\" */
  #readClass(start: number): CharClass {
    const chars = this.#chars
    let at = start + 1
    const negated = chars[at] === 0x21 || chars[at] === 0x5e
    if (negated) at++
    const ranges: number[] = []
    const char = (): number => {
      if (chars[at] === BACKSLASH) at++
      if (at >= chars.length) throw this.#bad('has a [ without its ]')
      return chars[at++]!
    }
    while (at < chars.length && chars[at] !== 0x5d) {
      const first = char()
      const isRange = chars[at] === 0x2d && at + 1 < chars.length && chars[at + 1] !== 0x5d
      if (isRange) at++
      ranges.push(first, isRange ? char() : first)
    }
    if (at >= chars.length) throw this.#bad('has a [ without its ]')
    if (ranges.length === 0) throw this.#bad('has an empty [ ]')
    const read = { negated, ranges, end: at + 1 }
    this.#classes.set(start, read)
    return read
  }

  #bad(what: string): LogstreamError {
    return new LogstreamError('BAD_ARGUMENT', `the pattern "${this.pattern}" ${what}`)
  }
}

/** Whether a path has characters that mean something to a glob. */
export function hasMeta(path: string): boolean {
  return /[*?[{\\]/.test(path)
}

function inClass({ negated, ranges }: CharClass, char: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (ranges[i]! <= char && char <= ranges[i + 1]!) return !negated
  return negated
}
