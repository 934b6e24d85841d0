/**
 * The labels of one line on its way through a pipeline: those of the stream, those of the structured metadata, and
 * those that parsers and formats made, with the rules of which wins (Loki keeps the three apart for its clients).
 */
import type { LabelSet } from '../../flow/labels.ts'
import type { LabelPair } from '../../formats/label-text.ts'
import type { Hints } from '../syntax/hints.ts'
import {
  DUPLICATE_SUFFIX,
  ERROR_DETAILS_LABEL,
  ERROR_LABEL,
  PRESERVE_ERROR_LABEL,
} from '../syntax/label-names.ts'

/** The labels of a line apart, each sorted by name. */
export interface CategorizedLabels {
  readonly stream: readonly LabelPair[]
  readonly metadata: readonly LabelPair[]
  readonly parsed: readonly LabelPair[]
}

/**
 * A small map that keeps its order; look-ups in sets of this size are faster than hashing. It is emptied for every
 * line, so it counts instead of shrinking its arrays.
 */
class Pairs {
  readonly #names: string[] = []
  readonly #values: string[] = []
  size = 0

  #indexOf(name: string): number {
    const names = this.#names
    for (let i = 0; i < this.size; i++) if (names[i] === name) return i
    return -1
  }

  has(name: string): boolean {
    return this.size > 0 && this.#indexOf(name) >= 0
  }

  get(name: string): string | undefined {
    const at = this.size === 0 ? -1 : this.#indexOf(name)
    return at < 0 ? undefined : this.#values[at]
  }

  set(name: string, value: string): void {
    const at = this.#indexOf(name)
    if (at >= 0) this.#values[at] = value
    else {
      this.#names[this.size] = name
      this.#values[this.size] = value
      this.size++
    }
  }

  get signature(): string {
    let text = '|'
    for (let i = 0; i < this.size; i++) {
      const name = this.#names[i]!
      const value = this.#values[i]!
      text += `${name.length}:${name}${value.length}:${value}`
    }
    return text
  }

  delete(name: string): boolean {
    const at = this.#indexOf(name)
    if (at < 0) return false
    for (let i = at + 1; i < this.size; i++) {
      this.#names[i - 1] = this.#names[i]!
      this.#values[i - 1] = this.#values[i]!
    }
    this.size--
    return true
  }

  *pairs(): Generator<LabelPair> {
    for (let i = 0; i < this.size; i++) yield [this.#names[i]!, this.#values[i]!]
  }
}

/** Returns whether a line with these labels passes; may set an error on them. */
export type LabelTest = (labels: LabelBuilder) => boolean

const NO_TESTS: ReadonlyMap<string, LabelTest> = new Map()

/** One builder serves a whole query: it is reset for every line. */
export class LabelBuilder {
  readonly hints: Hints
  readonly #tests: ReadonlyMap<string, LabelTest>
  #base: LabelSet
  readonly #metadata = new Pairs()
  readonly #parsed = new Pairs()
  readonly #deleted: string[] = []
  /** Names that a parser made and a later stage removed: they are not parsed a second time. */
  readonly #gone: string[] = []
  error = ''
  errorDetails = ''

  /** `tests`: what parsers ask about a label as soon as they have it. */
  constructor(base: LabelSet, hints: Hints, tests = NO_TESTS) {
    this.#base = base
    this.hints = hints
    this.#tests = tests
  }

  reset(base: LabelSet, metadata: readonly LabelPair[] | undefined): void {
    this.#base = base
    this.#metadata.size = 0
    this.#parsed.size = 0
    if (this.#deleted.length > 0) this.#deleted.length = 0
    if (this.#gone.length > 0) this.#gone.length = 0
    this.error = ''
    this.errorDetails = ''
    if (metadata !== undefined) for (const pair of metadata) this.#addMetadata(pair[0], pair[1])
  }

  #addMetadata(name: string, value: string): void {
    if (name === ERROR_LABEL) this.error = value
    else if (name === ERROR_DETAILS_LABEL) this.errorDetails = value
    else this.#metadata.set(this.#base.has(name) ? name + DUPLICATE_SUFFIX : name, value)
  }

  get(name: string): string | undefined {
    const added = this.#metadata.get(name) ?? this.#parsed.get(name)
    if (added !== undefined) return added
    return this.#deleted.includes(name) ? undefined : this.#base.get(name)
  }

  /** The value for filters, which may ask for the error as well. */
  filtered(name: string): string {
    return name === ERROR_LABEL ? this.error : (this.get(name) ?? '')
  }

  /** The name under which a parser's find is kept, since names of the stream and its metadata are taken. */
  parsedName(name: string): string {
    return this.#base.has(name) || this.#metadata.has(name) ? name + DUPLICATE_SUFFIX : name
  }

  isTaken(name: string): boolean {
    return this.#base.has(name) || this.#metadata.has(name)
  }

  /** Whether an earlier stage made this label: parsers do not make it again. */
  isExtracted(name: string): boolean {
    return this.#parsed.has(name) || this.#gone.includes(name)
  }

  /** Sets a parsed label, which replaces one of the stream or its metadata. */
  set(name: string, value: string): void {
    this.#metadata.delete(name)
    this.#parsed.set(name, value)
  }

  /** Whether the line passes the test of a label that a parser has just set. */
  passes(name: string): boolean {
    const test = this.#tests.size === 0 ? undefined : this.#tests.get(name)
    return test === undefined || test(this)
  }

  delete(name: string): void {
    this.#metadata.delete(name)
    if (this.#parsed.delete(name)) this.#gone.push(name)
    this.#deleted.push(name)
  }

  /** Notes what went wrong with this line. */
  fail(error: string, details: string | undefined): void {
    this.error = error
    if (details !== undefined) this.errorDetails = details
    if (this.hints.preserveError) this.set(PRESERVE_ERROR_LABEL, 'true')
  }

  /** As fail, unless something went wrong before, which is likely more useful to know. */
  failFirst(error: string, details: string): void {
    if (this.error !== '') return
    this.error = error
    this.errorDetails = details
  }

  /** Whether all labels that the query needs have been made, so that parsers can stop. */
  get complete(): boolean {
    const { required } = this.hints
    if (required === undefined) return false
    for (const name of required) if (!this.isExtracted(name)) return false
    return true
  }

  /** Whether nothing was added to or taken from the labels of the stream. */
  get unchanged(): boolean {
    return (
      this.error === '' && this.#deleted.length === 0 && this.#metadata.size === 0 && this.#parsed.size === 0
    )
  }

  get base(): LabelSet {
    return this.#base
  }

  /** A text that is equal only where all labels are equal; cheaper than sorting them. */
  get signature(): string {
    let text = this.#base.key
    for (const name of this.#deleted) text += `-${name.length}:${name}`
    text += this.#metadata.signature + this.#parsed.signature
    if (this.error === '' && this.errorDetails === '') return text
    return `${text}!${this.error.length}:${this.error}!${this.errorDetails}`
  }

  /** All labels, of the stream first, errors last. */
  *pairs(): Generator<LabelPair> {
    yield* this.#streamPairs()
    yield* this.#metadata.pairs()
    yield* this.#parsed.pairs()
    yield* this.#errorPairs()
  }

  *#streamPairs(): Generator<LabelPair> {
    const { names, values } = this.#base
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!
      if (this.#deleted.includes(name) || this.isReplaced(name)) continue
      yield [name, values[i]!]
    }
  }

  isReplaced(name: string): boolean {
    return this.#metadata.has(name) || this.#parsed.has(name)
  }

  // A label `__error__` that the line itself has is not overwritten.
  *#errorPairs(): Generator<LabelPair> {
    if (this.unchanged) return
    if (this.error !== '' && !this.#parsed.has(ERROR_LABEL)) yield [ERROR_LABEL, this.error]
    if (this.errorDetails !== '' && !this.#parsed.has(ERROR_DETAILS_LABEL))
      yield [ERROR_DETAILS_LABEL, this.errorDetails]
  }

  /** The labels by their origin; errors count as parsed. */
  categorized(): CategorizedLabels {
    if (this.unchanged) return { stream: this.#base.entries(), metadata: [], parsed: [] }
    return {
      stream: [...this.#streamPairs()],
      metadata: sorted([...this.#metadata.pairs()]),
      parsed: sorted([...this.#parsed.pairs(), ...this.#errorPairs()]),
    }
  }
}

function sorted(pairs: LabelPair[]): LabelPair[] {
  return pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}
