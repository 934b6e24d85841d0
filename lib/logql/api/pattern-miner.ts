/**
 * Finds the patterns of log lines, as Drain does (He et al., ICWS 2017): a line is cut into words; lines with the same marks
 * between their words and the same first words are alike when most other words are equal, and those that differ become `<_>`.
 * What it returns can be used as a line filter, `|> "<_> level=<_> done"`, which every line of the pattern passes.
 */

/** Lines with more letters than this have no pattern, as in Loki. */
const LONGEST = 3000
/** What follows so many words is one variable. */
const MOST_WORDS = 100
/** These words tell lines apart, whatever follows, but for numbers and values. */
const FIRST_WORDS = 2
/** The share of equal words at which lines are alike; Loki's. */
const ALIKE = 0.3
/** Patterns that are known at a time; Loki's default. The one that was not seen for longest makes room. */
const MOST_PATTERNS = 300

const MARKS = /((?:[\s"'`=,;()[\]{}|&?!]|:(?=[\s"'[{])|(?<=["']):)+)/
/** What a line filter would take for a capture. */
const CAPTURE = /<[a-zA-Z_]\w*>/

/** A pattern so far. */
export class LinePattern {
  /** A word that differed is `undefined`. */
  readonly words: (string | undefined)[]
  readonly #marks: readonly string[]

  constructor(words: readonly (string | undefined)[], marks: readonly string[]) {
    this.words = [...words]
    this.#marks = marks
  }

  /** The share of words that are those of a line or already differ; numbers are alike. */
  likeness(words: readonly (string | undefined)[]): number {
    let equal = 0
    for (const [i, word] of this.words.entries()) {
      const other = words[i]
      if (word === undefined || word === other || (isNumber(word) && isNumber(other))) equal++
    }
    return equal / words.length
  }

  /** Takes in a line that is alike. */
  widen(words: readonly (string | undefined)[]): void {
    for (const [i, word] of this.words.entries()) if (word !== words[i]) this.words[i] = undefined
  }

  get text(): string {
    return this.words.map((word, i) => (word ?? '<_>') + (this.#marks[i] ?? '')).join('')
  }
}

export class PatternMiner {
  /** By the marks and the first words. */
  readonly #groups = new Map<string, LinePattern[]>()
  /** All patterns and their groups, the one seen last at the end. */
  readonly #recent = new Map<LinePattern, string>()

  /** The pattern that a line belongs to from now on; `undefined` for a line that is empty or too long. */
  add(line: string): LinePattern | undefined {
    if (line === '' || line.length > LONGEST) return undefined
    const { words, marks } = cut(line)
    const key = keyOf(words, marks)
    const group = this.#groups.get(key) ?? []
    let found: LinePattern | undefined
    let most = ALIKE
    for (const pattern of group) {
      const likeness = pattern.likeness(words)
      if (likeness < most) continue
      most = likeness
      found = pattern
    }
    if (found !== undefined) {
      found.widen(words)
      this.#recent.delete(found)
    } else {
      found = new LinePattern(words, marks)
      group.push(found)
      this.#groups.set(key, group)
    }
    this.#recent.set(found, key)
    if (this.#recent.size > MOST_PATTERNS) this.#forget()
    return found
  }

  /** The patterns that are known. */
  get patterns(): readonly LinePattern[] {
    return [...this.#recent.keys()]
  }

  #forget(): void {
    const [[pattern, key]] = this.#recent as unknown as readonly [readonly [LinePattern, string]]
    this.#recent.delete(pattern)
    const left = this.#groups.get(key)!.filter((each) => each !== pattern)
    if (left.length === 0) this.#groups.delete(key)
    else this.#groups.set(key, left)
  }
}

// Numbers, times, ids.
function isNumber(word: string | undefined): boolean {
  return word === undefined || /\d/.test(word)
}

interface Cut {
  readonly words: readonly (string | undefined)[]
  /** What follows each word but the last. */
  readonly marks: readonly string[]
}

function cut(line: string): Cut {
  const parts = line.split(MARKS)
  const words: (string | undefined)[] = []
  const marks: string[] = []
  for (let i = 0; i < parts.length; i += 2) {
    if (words.length === MOST_WORDS) {
      words.push(undefined)
      break
    }
    words.push(CAPTURE.test(parts[i]!) ? undefined : parts[i]!)
    if (i + 1 < parts.length) marks.push(parts[i + 1]!)
  }
  return { words, marks }
}

// What follows `=` or `:` is a value. Only the first and the last word can be empty, which `<_>` can't be.
function keyOf(words: readonly (string | undefined)[], marks: readonly string[]): string {
  const first = words
    .slice(0, FIRST_WORDS)
    .map((word, i) => (isNumber(word) || /[=:]/.test(marks[i - 1] ?? '') ? '' : word))
  return `${String(words.at(-1) === '')} ${JSON.stringify([first, marks, words[0] === ''])}`
}
