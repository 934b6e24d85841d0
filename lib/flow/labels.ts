/**
 * Label sets: immutable and interned, with cached transitions, so that adding a label to the millionth line of a
 * stream is a map look-up (as hidden classes are for objects). The table is bounded: entries that went unused
 * for two generations are forgotten, so nothing may rely on identity for equality, only for speed; two sets are
 * equal when their `key`s are.
 */
import { formatLabels } from '../formats/label-text.ts'
import { LabelNames } from './label-names.ts'

/**
 * How many sets, or how many transitions, fill a generation. Two generations of small sets take some 40 MB. More streams
 * than this that come in turns are made anew for each line, which takes half as long again.
 */
let generationSize = 65_536

/** More values of one name than this share of a generation can't be coincidence, even if every set has many versions. */
const PRESSURE = 1 / 32

/** The label name with the most values among some sets, and how many. */
export interface LabelPressure {
  readonly label: string
  readonly distinct: number
}

let generation = 0
let ids = 0
let newTransitions = 0
let young = new Map<string, LabelSet>()
let old = new Map<string, LabelSet>()
const listeners = new Set<(pressure: LabelPressure) => void>()

/**
 * Calls `listener` when the values of one label name fill the table, until the returned function is called. The label
 * probably holds ids, and will hurt Loki too. The table is shared by all pipelines of the process.
 */
export function watchLabelPressure(listener: (pressure: LabelPressure) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Changes when sets are forgotten: what was kept for sets by identity should then be forgotten too. */
export function labelGeneration(): number {
  return generation
}

/** Sets how many sets fill a generation. For tests: to fill the real table takes seconds. */
export function sizeLabelGenerations(sets: number): void {
  generationSize = sets
}

/** How many label sets the table holds at the moment. */
export function internedLabelSets(): number {
  return young.size + old.size
}

/** An immutable set of labels; two sets are equal when their `key`s are. Make one with `labelSet()`. */
export class LabelSet {
  readonly #names: LabelNames
  /** In the order of the names. */
  readonly values: readonly string[]
  /** Tells equal sets: equal text means equal set. Not for display. */
  readonly key: string
  /** Spreads sets over tables of what was worked out for them. */
  readonly id = ++ids
  /**
   * What a table by label set found for this one, and which table: a Map of 50,000 sets takes a tenth of all CPU time where
   * each line has another one, for what the processor's caches don't hold.
   * @internal
   */
  foundBy: object | undefined
  /** @internal */
  found: unknown
  #text: string | undefined
  #generation = generation
  // Most sets are asked for one transition, as to a set with a service_name, or for none: maps are made for more.
  #nextName = ''
  #nextValue = ''
  #next: LabelSet | undefined
  #with: Map<string, Map<string, LabelSet>> | undefined
  #without: Map<string, LabelSet> | undefined

  /** Use `labelSet()` or `EMPTY_LABELS.with()`; the constructor does not intern. */
  constructor(names: LabelNames, values: readonly string[], key: string) {
    this.#names = names
    this.values = values
    this.key = key
  }

  /** Sorted. */
  get names(): readonly string[] {
    return this.#names.list
  }

  get size(): number {
    return this.names.length
  }

  get(name: string): string | undefined {
    // Sets are small: a scan over interned strings beats hashing.
    const names = this.names
    for (let i = 0; i < names.length; i++) if (names[i] === name) return this.values[i]
    return undefined
  }

  has(name: string): boolean {
    return this.names.includes(name)
  }

  /** This set with `name` set to `value` (an empty value is a value). */
  with(name: string, value: string): LabelSet {
    if (this.#generation !== generation) this.#forget()
    if (this.#next !== undefined && this.#nextName === name && this.#nextValue === value) return this.#next
    const known = this.#with?.get(name)?.get(value)
    if (known !== undefined) return known
    return this.#addTransition(name, detach(value))
  }

  /** As `with`, for a value that isn't asked for again: the way to it isn't kept. */
  withOnce(name: string, value: string): LabelSet {
    return this.#build(name, detach(value))
  }

  /** This set without `name`; the set itself if it doesn't have that label. */
  without(name: string): LabelSet {
    if (!this.has(name)) return this
    if (this.#generation !== generation) this.#forget()
    const known = this.#without?.get(name)
    if (known !== undefined) return known
    const at = this.names.indexOf(name)
    const next = intern(namesOf(this.names.toSpliced(at, 1)), this.values.toSpliced(at, 1))
    ;(this.#without ??= new Map<string, LabelSet>()).set(name, next)
    countTransition()
    return next
  }

  /** `{a="b", c="d"}`, sorted and Go-quoted, without names that start with `__`: the text that Loki gets. */
  get text(): string {
    this.#text ??=
      this.#names.keyIsText && this.size > 0
        ? this.key
        : formatLabels(this.entries().filter(([name]) => !name.startsWith('__')))
    return this.#text
  }

  entries(): [string, string][] {
    return this.names.map((name, i) => [name, this.values[i]!])
  }

  toObject(): Record<string, string> {
    return Object.fromEntries(this.entries())
  }

  /** The text, so that a template literal shows it. */
  toString(): string {
    return this.text
  }

  /** The labels alone, for `JSON.stringify`. */
  toJSON(): Record<string, string> {
    return this.toObject()
  }

  #addTransition(name: string, value: string): LabelSet {
    const next = this.#build(name, value)
    countTransition()
    if (this.#next === undefined) {
      this.#nextName = detach(name)
      this.#nextValue = value
      this.#next = next
      return next
    }
    const transitions = (this.#with ??= new Map<string, Map<string, LabelSet>>())
    let values = transitions.get(name)
    if (values === undefined) transitions.set(name, (values = new Map<string, LabelSet>()))
    values.set(value, next)
    return next
  }

  #build(name: string, value: string): LabelSet {
    const at = this.names.indexOf(name)
    if (at >= 0)
      return this.values[at] === value
        ? this
        : intern(this.#names, (this.values as string[]).toSpliced(at, 1, value))
    const place = this.#names.placeOf(name)
    return intern(this.#names.with(detach(name)), this.values.toSpliced(place, 0, value))
  }

  #forget(): void {
    this.#generation = generation
    this.#next = undefined
    this.#with = undefined
    this.#without = undefined
  }
}

/** The set without labels. */
export const EMPTY_LABELS: LabelSet = new LabelSet(LabelNames.NONE, [], '')

/** The interned set of the given labels; a later pair wins over an earlier one of the same name. */
export function labelSet(
  labels: Readonly<Record<string, string>> | Iterable<readonly [string, string]>,
): LabelSet {
  const pairs = Symbol.iterator in labels ? labels : Object.entries(labels)
  const sorted = [...new Map(pairs)].sort(([a], [b]) => (a < b ? -1 : 1))
  if (sorted.length === 0) return EMPTY_LABELS
  return intern(
    namesOf(sorted.map(([name]) => detach(name))),
    sorted.map(([, value]) => detach(value)),
  )
}

/** Of sorted names. */
function namesOf(list: readonly string[]): LabelNames {
  let names = LabelNames.NONE
  for (const name of list) names = names.with(name)
  return names
}

function intern(names: LabelNames, values: readonly string[]): LabelSet {
  if (values.length === 0) return EMPTY_LABELS
  const key = names.keyOf(values)
  const known = young.get(key)
  if (known !== undefined) return known
  const set = old.get(key) ?? new LabelSet(names, values, key)
  young.set(key, set)
  if (young.size >= generationSize) turnGeneration()
  return set
}

function countTransition(): void {
  if (++newTransitions >= generationSize) turnGeneration()
}

function turnGeneration(): void {
  generation++
  newTransitions = 0
  old = young
  young = new Map<string, LabelSet>()
  LabelNames.NONE.forget()
  if (listeners.size === 0) return
  const pressure = mostValues(old.values())
  if (pressure.distinct > PRESSURE * generationSize) for (const listener of listeners) listener(pressure)
}

/** The label name with the most values. */
export function mostValues(
  sets: Iterable<{ readonly names: readonly string[]; readonly values: readonly string[] }>,
): LabelPressure {
  const valuesOf = new Map<string, Set<string>>()
  for (const { names, values } of sets) {
    for (let i = 0; i < names.length; i++) {
      let seen = valuesOf.get(names[i]!)
      if (seen === undefined) valuesOf.set(names[i]!, (seen = new Set<string>()))
      seen.add(values[i]!)
    }
  }
  let most: LabelPressure = { label: '', distinct: 0 }
  for (const [label, { size }] of valuesOf) if (size > most.distinct) most = { label, distinct: size }
  return most
}

// V8 keeps the whole chunk of a file alive through a slice of it; labels outlive chunks. A one-character
// detour makes the label a slice of its own small string.
function detach(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1)
}
